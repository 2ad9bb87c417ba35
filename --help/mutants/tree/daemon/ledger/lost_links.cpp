// Finds an address's applications by its applicant: one address belongs to one of them.
#include "lost_links.hpp"

#include <form.hpp>

namespace mogiri::daemon {

std::vector<LinkedApplication> LostLinks::of_address(std::uint32_t event, std::string_view address) {
    std::vector<LinkedApplication> found;
    for (Row row : database_.query(
             "SELECT id, application.email, language, to_char(submitted_at AT TIME ZONE "
             "       coalesce(definition->>'time_zone', 'Asia/Tokyo'), 'YYYY-MM-DD HH24:MI'), tickets "
             "FROM applicant JOIN application USING (event, form, applicant) "
             "JOIN event ON event.number = application.event "
             "WHERE event = $1 AND address = $2 AND application.state <> 'refused' "
             "ORDER BY submitted_at DESC, id",
             {event, address}))
        // Somebody may have typed another address for the same applicant.
        if (normalized_address(row.text(1)) == address)
            found.push_back({row.string(0), row.string(1), row.string(2), row.string(3), row.number(4)});
    return found;
}

std::optional<std::int64_t> LostLinks::owe_mail(std::uint32_t event, std::string_view address) {
    // Who asks twice at once waits here, and finds the other's mail.
    database_.query("SELECT FROM applicant WHERE event = $1 AND address = $2 FOR UPDATE", {event, address});
    const std::vector<LinkedApplication> found = of_address(event, address);
    if (found.empty())
        return std::nullopt;
    std::vector<std::string> ids;
    for (const LinkedApplication& application : found)
        ids.push_back(application.id);
    const Result rows = database_.query(
        "INSERT INTO mail_outbox (event, application, kind, generation, recipient, language) "
        "SELECT $1, $2, 'links', 1 + count(*) FILTER (WHERE application = $2), $3, $4 "
        "FROM mail_outbox WHERE application = ANY ($5::text[]) AND kind = 'links' "
        "HAVING count(*) FILTER (WHERE created_at > now() - make_interval(mins => $6)) = 0 RETURNING id",
        {event, found.front().id, found.front().email, found.front().language, ids, minutes_between_mails});
    if (rows.empty())
        return std::nullopt;
    return rows[0].number(0);
}

} // namespace mogiri::daemon
