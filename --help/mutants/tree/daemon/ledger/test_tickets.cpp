// Tickets to try the door with.
#include "test_tickets.hpp"

#include <array>

#include <digest.hpp>
#include <form_token.hpp>
#include <ticket_code.hpp>

namespace mogiri::daemon {

Renewal TestTickets::issue(const MasterKeys& keys, const std::string& form, const std::string& kind,
                           std::int64_t count) {
    std::array<std::uint8_t, 16> chance{};
    random_bytes(chance);
    const std::string application = application_id(keys, event_, "test " + hex(chance));
    Transaction transaction(database_);
    database_.query(
        "INSERT INTO application (id, event, form, applicant, state, tickets, email, language, fields, "
        "                         guests, body_hash, submitted_at, test) "
        "VALUES ($1, $2, $3, 'test', 'issued', $4, 'test@localhost', 'ja', '{}', '[]', $5, now(), true)",
        {application, event_, form, count, hex(chance)});
    Renewal renewal;
    std::vector<std::int64_t> serials;
    std::vector<std::string> references;
    for (Row row :
         database_.query("SELECT nextval('ticket_serial') FROM generate_series(1, $1::integer)", {count})) {
        serials.push_back(row.number(0));
        references.push_back(ticket_reference(static_cast<std::uint64_t>(serials.back())));
        renewal.tickets.push_back({event_, serials.back(), references.back()});
    }
    database_.query("INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, "
                    "key_id, test) "
                    "SELECT $1, serial, $3, place, $5, 'TEST ' || place, reference, $6, true "
                    "FROM unnest($2::bigint[], $4::text[]) WITH ORDINALITY AS t (serial, reference, place)",
                    {event_, serials, application, references, kind, keys.signing_key()});
    for (Row row : database_.query(
             "INSERT INTO cache_outbox (event, kind, serials) VALUES ($1, 'tickets', $2) RETURNING id",
             {event_, serials}))
        renewal.rows.push_back(row.number(0));
    database_.query("SELECT pg_notify('mogiri_cache', '')");
    transaction.commit();
    return renewal;
}

std::vector<std::int64_t> TestTickets::revoke() {
    Transaction transaction(database_);
    database_.query("SELECT FROM ticket WHERE event = $1 AND test ORDER BY serial FOR UPDATE", {event_});
    database_.query(
        "WITH revoked AS (UPDATE ticket SET status = 'revoked', version = version + 1 "
        "                 WHERE event = $1 AND test AND status = 'valid' RETURNING event, serial) "
        "INSERT INTO cache_outbox (event, kind, serial) SELECT event, 'ticket', serial FROM revoked",
        {event_});
    std::vector<std::int64_t> rows;
    for (Row row : database_.query(
             "SELECT DISTINCT outbox.id FROM cache_outbox AS outbox JOIN ticket ON ticket.event = $1 "
             "AND test AND (outbox.serial = ticket.serial OR ticket.serial = ANY (outbox.serials)) "
             "WHERE outbox.event = $1",
             {event_}))
        rows.push_back(row.number(0));
    database_.query("SELECT pg_notify('mogiri_cache', '')");
    transaction.commit();
    return rows;
}

std::int64_t TestTickets::remove() {
    Transaction transaction(database_);
    database_.query(
        "DELETE FROM ticket_change USING ticket WHERE ticket.event = $1 AND test AND status = 'revoked' "
        "AND ticket_change.event = $1 AND ticket_change.serial = ticket.serial",
        {event_});
    const std::int64_t removed =
        database_.query("DELETE FROM ticket WHERE event = $1 AND test AND status = 'revoked'", {event_})
            .touched();
    database_.query("DELETE FROM application WHERE event = $1 AND test "
                    "AND NOT EXISTS (SELECT FROM ticket WHERE application = id)",
                    {event_});
    transaction.commit();
    return removed;
}

} // namespace mogiri::daemon
