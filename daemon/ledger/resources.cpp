// What can be listed and shown: a row for each kind of thing.
#include <algorithm>
#include <array>

#include "listing.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::array table = {
    Resource{
        .name = "application",
        .key = "application",
        .sql = "SELECT id AS application, form, applicant, state, code, tickets, returned, email, language, "
               "submitted_at, decided_at, fields, guests FROM application WHERE event = $1",
        .more =
            "(SELECT version + (SELECT count(*) + count(*) FILTER (WHERE status = 'revoked') FROM ticket WHERE ticket.application = a.id) "
            "  FROM application AS a WHERE a.id = row.application) AS version, "
            "(SELECT coalesce(json_agg(json_build_object('ticket', serial, 'reference', reference, "
            "'position', "
            "  position, 'status', status, 'guest', guest_name) ORDER BY position, serial), '[]') FROM ticket "
            "  WHERE ticket.application = row.application) AS of_tickets, "
            "(SELECT coalesce(json_agg(json_build_object('change', kind, 'reason', reason, 'at', changed_at) "
            "  ORDER BY id), '[]') FROM application_change AS change WHERE change.application = "
            "row.application) "
            "AS changes, "
            "(SELECT coalesce(json_agg(json_build_object('mail', id, 'application', application, 'kind', kind, 'generation', generation, "
            "  'recipient', recipient, 'state', mail.state, 'attempts', attempts, 'next_at', next_at, "
            "  'last_code', last_code, 'last_text', last_text, 'created_at', created_at, 'ended_at', ended_at, "
            "  'bounces', (SELECT coalesce(json_agg(json_build_object('kind', kind, 'status', status, 'said', said, "
            "    'at', noted_at) ORDER BY number), '[]') FROM mail_bounce AS bounce WHERE bounce.mail = mail.id)) "
            "  ORDER BY id), '[]') FROM mail_outbox AS mail WHERE mail.application = row.application) AS mails, "
            "(SELECT json_build_object('kind', kind, 'reason', reason, 'mail', mail, 'since', created_at) "
            "  FROM mail_suppression AS s WHERE lifted_at IS NULL AND s.address = coalesce((SELECT address FROM "
            "  applicant AS a WHERE a.event = $1 AND a.form = row.form AND a.applicant = row.applicant), "
            "  lower(row.email))) AS suppressed",
        .filters = "form state code applicant language",
        .sorts = "submitted_at decided_at application applicant",
        .searched = "applicant email fields guests",
        .time = "submitted_at"},
    Resource{
        .name = "ticket",
        .key = "#ticket",
        .sql =
            "SELECT serial AS ticket, reference, application, position, kind, guest_name AS guest, status, "
            "version, issued_at FROM ticket WHERE event = $1",
        .more =
            "(SELECT coalesce(json_agg(json_build_object('change', kind, 'reason', reason, 'at', changed_at) "
            "  ORDER BY version), '[]') FROM ticket_change AS change WHERE change.event = $1 "
            "  AND change.serial = row.ticket) AS changes",
        .filters = "#ticket reference application kind status",
        .sorts = "ticket issued_at",
        .searched = "guest reference",
        .time = "issued_at",
        .newest_first = false},
    Resource{
        .name = "user",
        .key = "#user",
        .sql =
            "SELECT number AS \"user\", name, email, language, disabled_at IS NOT NULL AS disabled, "
            "(CASE WHEN role IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_object('role', role)) END "
            " || (SELECT coalesce(jsonb_agg(jsonb_build_object('role', role, 'event', event) ORDER BY "
            "event), "
            "     '[]') FROM account_role WHERE account = number)) AS roles, "
            "password_hash IS NOT NULL AS has_password, version, created_at, last_login_at "
            "FROM account WHERE $1::integer > 0",
        .more = "(SELECT coalesce(json_agg(json_build_object('kind', kind, 'created_at', created_at, 'expires_at', "
                "expires_at) ORDER BY number), '[]') FROM account_link AS link WHERE link.account = row.\"user\" "
                "AND used_at IS NULL AND expires_at > now()) AS links",
        .filters = "name email disabled has_password",
        .sorts = "name user created_at",
        .searched = "name email roles",
        .newest_first = false},
    Resource{.name = "key",
             .key = "#key",
             .sql = "SELECT number AS key, name, event, role, scopes, version, created_at, expires_at, "
                    "revoked_at FROM api_key WHERE $1::integer > 0",
             .filters = "name role #event",
             .sorts = "key name",
             .searched = "name"},
    Resource{
        .name = "event",
        .key = "event",
        .sql = "SELECT slug AS event, number, definition -> 'name' AS name, definition ->> 'state' AS state, "
               "is_default AS \"default\", version, created_at, updated_at, (SELECT coalesce(jsonb_agg(one ->> 'date' "
               "ORDER BY one ->> 'date'), '[]') FROM jsonb_array_elements(definition -> 'day') AS days (one)) AS "
               "dates FROM event WHERE $1::integer > 0",
        .more = "(SELECT definition FROM event WHERE number = row.number AND number = $1) AS definition, "
                "(SELECT jsonb_build_object('applications', (SELECT count(*) FROM application WHERE event = $1 AND "
                " NOT test), 'tickets', (SELECT count(*) FROM ticket WHERE event = $1 AND status = 'valid' AND NOT "
                " test), 'devices', (SELECT count(*) FROM device WHERE event = $1 AND revoked_at IS NULL)) WHERE "
                "row.number = $1) AS counts",
        .filters = "state",
        .sorts = "number event",
        .searched = "event name",
        .newest_first = false},
    Resource{
        .name = "form",
        .key = "form",
        .sql = "SELECT form ->> 'id' AS form, form -> 'name' AS name, form ->> 'kind' AS kind, "
               "form -> 'limit' AS \"limit\", form ->> 'opens' AS opens, form ->> 'closes' AS closes, "
               "event.version FROM event, jsonb_array_elements(definition -> 'form') AS forms (form) "
               "WHERE number = $1",
        .more =
            "(SELECT one -> 'field' FROM event, jsonb_array_elements(definition -> 'form') AS forms (one) "
            " WHERE number = $1 AND one ->> 'id' = row.form) AS fields",
        .filters = "kind",
        .sorts = "form",
        .newest_first = false},
    Resource{.name = "device",
             .key = "#device",
             .sql = "SELECT number AS device, name, gate, profile, key_hash IS NOT NULL AS claimed, version, "
                    "created_at, last_seen_at, revoked_at, (SELECT ends_at FROM device_claim AS claim WHERE "
                    "claim.event = $1 AND claim.device = device.number AND ends_at > now()) AS claim_ends_at "
                    "FROM device WHERE event = $1",
             .filters = "name #gate profile",
             .sorts = "device name",
             .searched = "name",
             .newest_first = false},
    Resource{.name = "mail",
             .key = "#mail",
             .sql = "SELECT id AS mail, application, kind, generation, recipient, language, state, attempts, "
                    "mailing, next_at, "
                    "transport, last_code, last_text, created_at, ended_at FROM mail_outbox WHERE event = $1",
             .more = "(SELECT coalesce(json_agg(json_build_object('kind', kind, 'status', status, 'said', said, 'at', "
                     "noted_at) ORDER BY number), '[]') FROM mail_bounce WHERE mail_bounce.mail = row.mail) AS bounces",
             .filters = "#mail application kind state recipient #mailing",
             .sorts = "mail created_at",
             .searched = "recipient",
             .time = "created_at"},
    Resource{.name = "suppression",
             .key = "#suppression",
             .sql = "SELECT number AS suppression, mail, address, kind, reason, created_at, lifted_at, "
                    "lifted_at IS NOT NULL AS lifted "
                    "FROM mail_suppression WHERE event = $1",
             .filters = "address kind #mail lifted",
             .sorts = "suppression",
             .searched = "address",
             .time = "created_at"},
    Resource{.name = "mailing",
             .key = "#mailing",
             .sql = "SELECT mailing, form, kind, mail_state, again, rate, state, total, done, failed, skipped, "
                    "\"left\", per_minute, seconds_left, ordered_by, created_at, ended_at FROM mailing_progress "
                    "WHERE event = $1",
             .filters = "state form kind",
             .sorts = "mailing",
             .time = "created_at"},
    Resource{.name = "scan",
             .key = "scan",
             .sql =
                 "SELECT epoch || '-' || stream_ms || '-' || stream_seq || '-' || place AS scan, serial "
                 "AS ticket, "
                 "device, gate, direction, outcome, at, day, cycle, inside, "
                 "CASE WHEN outcome = 3 THEN 'give_back' WHEN outcome IN (4, 5, 21) THEN 'undo' "
                 "     WHEN flags & 16 <> 0 THEN 'force' WHEN flags & 32 <> 0 THEN 'offline' ELSE 'scan' END "
                 "AS kind, "
                 "overrode, device_at, flags & 64 <> 0 AS skewed, actor, reason FROM scan WHERE event = $1",
             .filters = "#ticket #device #gate direction #outcome #day kind actor",
             .sorts = "at",
             .time = "at"},
    Resource{
        .name = "erasure",
        .key = "#erasure",
        .sql = "SELECT number AS erasure, kind, event, CASE WHEN done_at IS NOT NULL THEN 'done' "
               "WHEN swept_at IS NOT NULL THEN 'swept' ELSE 'ordered' END AS state, ordered_by, ordered_at, "
               "done_at, applications, tickets, mails, users, roster, letters, calls, audit_rows "
               "FROM erasure WHERE $1::integer > 0",
        .filters = "kind state #event",
        .sorts = "erasure",
        .time = "ordered_at"},
    Resource{.name = "audit",
             .key = "#entry",
             .sql = "SELECT id AS entry, at, actor, origin, verb, event, subject, before, after FROM audit "
                    "WHERE $1::integer > 0",
             .filters = "actor verb subject origin #event",
             .sorts = "entry",
             .searched = "actor subject before after",
             .time = "at"},
};

} // namespace

std::span<const Resource> resources() {
    return table;
}

const Resource* find_resource(std::string_view name) {
    const auto found = std::ranges::find(table, name, &Resource::name);
    return found == table.end() ? nullptr : &*found;
}

} // namespace mogiri::daemon
