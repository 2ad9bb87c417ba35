// The settings of an event and the list of events, as Redis publishes them to nginx's workers.
#include "settings_document.hpp"

namespace mogiri::daemon {

// A time that daylight saving skips or repeats is read as PostgreSQL reads it.
const std::string published_definition = R"sql(
(SELECT definition || jsonb_build_object(
    'number', event.number, 'version', event.version, 'default', is_default,
    'day', coalesce((SELECT jsonb_agg(day || jsonb_build_object(
            'opens_ms', (extract(epoch FROM ((day->>'date') || ' ' || (day->>'opens'))::timestamp
                                            AT TIME ZONE zone) * 1000)::bigint,
            'closes_ms', (extract(epoch FROM ((day->>'date') || ' ' || (day->>'closes'))::timestamp
                                             AT TIME ZONE zone) * 1000)::bigint) ORDER BY place)
        FROM jsonb_array_elements(definition->'day') WITH ORDINALITY AS days (day, place)), '[]'),
    'form', coalesce((SELECT jsonb_agg(form || jsonb_strip_nulls(jsonb_build_object(
            'opens_ms', (extract(epoch FROM (form->>'opens')::timestamp AT TIME ZONE zone) * 1000)::bigint,
            'closes_ms', (extract(epoch FROM (form->>'closes')::timestamp AT TIME ZONE zone) * 1000)::bigint))
            ORDER BY place)
        FROM jsonb_array_elements(definition->'form') WITH ORDINALITY AS forms (form, place)), '[]'),
    'device', coalesce((SELECT jsonb_agg(jsonb_build_object(
            'number', device.number, 'name', name, 'gate', gate, 'profile', profile, 'key', key_hash)
            ORDER BY device.number)
        FROM device WHERE device.event = event.number AND revoked_at IS NULL AND key_hash IS NOT NULL), '[]'))
FROM coalesce(definition->>'time_zone', 'Asia/Tokyo') AS zone)
)sql";

std::optional<SettingsDocument> settings_document(Database& database, std::uint32_t event) {
    const std::string select = "SELECT version, " + published_definition + " FROM event WHERE number = $1";
    const Result rows = database.query(select.c_str(), {event});
    if (rows.empty())
        return std::nullopt;
    return SettingsDocument{static_cast<std::uint64_t>(rows[0].number(0)), rows[0].string(1)};
}

std::string events_document(Database& database) {
    return database
        .query("SELECT coalesce(jsonb_agg(jsonb_build_object('number', number, 'slug', slug, 'default', "
               "is_default, "
               "                                             'version', version) ORDER BY number), '[]') "
               "FROM event")[0]
        .string(0);
}

} // namespace mogiri::daemon
