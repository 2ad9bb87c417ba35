// What can be exported: one table of subjects, each with its SELECT and its formats.
#include "subjects.hpp"

#include <algorithm>
#include <array>

namespace mogiri::daemon {

namespace {

constexpr std::array table = {
    ExportSubject{
        .name = "applications",
        .formats = "csv jsonl",
        .about = "applications and what was decided",
        .rows = "SELECT id AS application, form, applicant, class, state, code, tickets, returned, email, "
                "language, test, iso(submitted_at) AS submitted_at, iso(decided_at) AS decided_at, guests, "
                "fields FROM application WHERE event = $1",
        .order = "row.submitted_at, row.application",
        .cells = "application, form, applicant, class, state, code, tickets, returned, email, language, "
                 "test, submitted_at, decided_at, (SELECT string_agg(guest, ' / ' ORDER BY place) FROM "
                 "jsonb_array_elements_text(row.guests) WITH ORDINALITY AS t (guest, place)) AS guests",
        .has_fields = true},
    ExportSubject{
        .name = "tickets",
        .formats = "csv jsonl",
        .about = "tickets and how often they were let in",
        .rows = "SELECT serial AS ticket, ticket.reference, application, form, applicant, class, email, "
                "position, kind, guest_name AS guest, status, ticket.test, iso(issued_at) AS issued_at, "
                "coalesce(uses.entries, 0) AS entries, iso(uses.first_at) AS first_entry_at "
                "FROM ticket JOIN application AS a ON a.id = application LEFT JOIN "
                "(SELECT serial, sum(cycle - given_back - undone) AS entries, min(first_at) AS first_at "
                " FROM ticket_day WHERE event = $1 GROUP BY serial) AS uses USING (serial) "
                "WHERE ticket.event = $1",
        .order = "row.ticket"},
    ExportSubject{
        .name = "users",
        .formats = "csv jsonl",
        .about = "people who may log in, without their passwords' hashes",
        .of_event = false,
        .rows = "SELECT number AS \"user\", name, email, language, disabled_at IS NOT NULL AS disabled, "
                "(CASE WHEN role IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_object('role', role)) "
                " END || (SELECT coalesce(jsonb_agg(jsonb_build_object('role', account_role.role, 'event', "
                " event) ORDER BY event), '[]') FROM account_role WHERE account = number)) AS roles, "
                "password_hash IS NOT NULL AS has_password, iso(created_at) AS created_at, "
                "iso(last_login_at) AS last_login_at FROM account WHERE $1::integer >= 0",
        .order = "row.\"user\"",
        .cells =
            "\"user\", name, email, language, disabled, (SELECT string_agg((one ->> 'role') || "
            "coalesce(' at event ' || (one ->> 'event'), ''), ', ') FROM jsonb_array_elements(row.roles) "
            "AS t (one)) AS roles, has_password, created_at, last_login_at"},
    ExportSubject{
        .name = "scans",
        .formats = "csv jsonl",
        .about = "the door's scan log",
        .rows = "SELECT epoch || '-' || stream_ms || '-' || stream_seq || '-' || place AS scan, iso(at) AS "
                "at, serial AS ticket, reference, guest_name AS guest, scan.device, device.name AS "
                "device_name, scan.gate, direction, CASE outcome WHEN 1 THEN 'admitted' WHEN 2 THEN 'exited' "
                "WHEN 3 THEN 'given_back' WHEN 4 THEN 'undone_entry' WHEN 5 THEN 'undone_exit' WHEN 21 THEN "
                "'nothing_to_undo' WHEN 10 THEN 'unknown' WHEN 11 THEN 'revoked' WHEN 12 THEN "
                "'already_inside' WHEN 13 THEN 'allowance_used' WHEN 14 THEN 'not_inside' WHEN 15 THEN "
                "'not_yet' WHEN 16 THEN 'over' WHEN 17 THEN 'wrong_gate' WHEN 18 THEN 'venue_full' ELSE "
                "outcome::text END AS outcome, flags & 2 <> 0 AS double_read, day, cycle, inside, "
                "CASE WHEN outcome = 3 THEN 'give_back' WHEN outcome IN (4, 5, 21) THEN 'undo' WHEN flags & 16 <> 0 "
                "THEN 'force' WHEN flags & 32 <> 0 THEN 'offline' ELSE 'scan' END AS kind, overrode, "
                "iso(device_at) AS device_at, flags & 64 <> 0 AS skewed, actor, reason, epoch, "
                "stream_ms, stream_seq, place "
                "FROM scan LEFT JOIN ticket USING (event, serial) LEFT JOIN device ON device.event = "
                "scan.event AND device.number = scan.device WHERE scan.event = $1",
        .order = "row.epoch, row.stream_ms, row.stream_seq, row.place"},
    ExportSubject{
        .name = "mails",
        .formats = "csv jsonl",
        .about = "mails that were owed, and what became of them",
        .rows = "SELECT id AS mail, application, kind, generation, recipient, language, state, attempts, "
                "iso(next_at) AS next_at, last_code, last_text, iso(created_at) AS created_at, iso(ended_at) "
                "AS ended_at FROM mail_outbox WHERE event = $1",
        .order = "row.mail"},
    ExportSubject{.name = "audit",
                  .formats = "csv jsonl",
                  .about = "who changed what, and from where",
                  .of_event = false,
                  .rows =
                      "SELECT id AS entry, iso(at) AS at, actor, origin, verb, event, subject, before, after "
                      "FROM audit WHERE $1::integer >= 0",
                  .order = "row.entry"},
    ExportSubject{
        .name = "analytics",
        .formats = "csv jsonl",
        .about = "entries and exits, hour by hour",
        .rows = "SELECT (day ->> 'day')::integer AS day, day ->> 'date' AS date, hour ->> 'hour' AS hour, "
                "(hour ->> 'entries')::bigint AS entries, (hour ->> 'entries_percent')::numeric AS "
                "entries_percent, (hour ->> 'exits')::bigint AS exits, (hour ->> 'exits_percent')::numeric "
                "AS exits_percent FROM jsonb_array_elements(analytics($1, '{}') -> 'days') AS days (day), "
                "jsonb_array_elements(day -> 'hours') AS hours (hour)",
        .order = "row.day, row.hour"},
    ExportSubject{
        .name = "door-list",
        .formats = "pdf csv jsonl",
        .about = "who may come in, by name and by reference, for the day the power fails",
        .rows = "SELECT (one ->> 'number')::integer AS day, one ->> 'date' AS date, guest_name AS guest, "
                "ticket.reference, kind, coalesce((SELECT k -> 'name' ->> 'ja' FROM "
                " jsonb_array_elements(definition -> 'kind') AS kinds (k) WHERE k ->> 'id' = kind), kind) AS "
                "kind_name, applicant, class, coalesce((SELECT (k ->> 'allowance')::integer FROM "
                " jsonb_array_elements(definition -> 'kind') AS kinds (k) WHERE k ->> 'id' = kind), 1) AS "
                "people, coalesce(used.inside, 0) AS inside, coalesce(used.cycle - used.given_back - used.undone, 0) AS "
                "entries, ticket.serial AS ticket FROM ticket JOIN event ON number = ticket.event CROSS JOIN "
                "jsonb_array_elements(definition -> 'day') AS days (one) JOIN application AS a ON a.id = "
                "application LEFT JOIN ticket_day AS used ON used.event = ticket.event AND used.serial = "
                "ticket.serial AND used.day = (one ->> 'number')::integer WHERE ticket.event = $1 AND status "
                "= 'valid' AND NOT ticket.test AND EXISTS (SELECT FROM jsonb_array_elements(definition -> "
                "'kind') AS kinds (k) WHERE k ->> 'id' = kind AND (coalesce(k -> 'days', '[]') = '[]' OR k "
                "-> 'days' @> (one -> 'number')))",
        .order = "row.day, folded(row.guest) {name_order}, row.guest, row.reference"},
    ExportSubject{.name = "everything",
                  .formats = "sqlite",
                  .about = "all tables of all events, without what opens a door",
                  .of_event = false},
};

} // namespace

std::span<const ExportSubject> export_subjects() {
    return table;
}

const ExportSubject* find_export_subject(std::string_view name) {
    const auto found = std::ranges::find(table, name, &ExportSubject::name);
    return found == table.end() ? nullptr : &*found;
}

} // namespace mogiri::daemon
