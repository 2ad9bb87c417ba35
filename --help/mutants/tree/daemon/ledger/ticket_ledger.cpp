// Tickets in the ledger, as staff look them up and change them.
#include "ticket_ledger.hpp"

#include <ticket_code.hpp>

#include <algorithm>

#include "event_ledger.hpp"

namespace mogiri::daemon {

namespace {

std::string tickets_where(const char* condition) {
    return std::string("SELECT event, serial, reference, application, kind, status, version, guest_name, "
                       "iso(issued_at) FROM ticket WHERE event = coalesce($1::integer, event) AND ") +
           condition;
}

TicketRow ticket_at(Row row) {
    return {static_cast<std::uint32_t>(row.number(0)),
            row.number(1),
            row.string(2),
            row.string(3),
            row.string(4),
            row.string(5),
            row.number(6),
            row.string(7),
            row.string(8)};
}

} // namespace

TicketRow TicketLedger::find(std::string_view name, std::optional<std::uint32_t> event) {
    const std::string text(name);
    const std::optional<std::string> reference = read_reference(name);
    std::optional<std::string> serial;
    if (!name.empty() && name.size() <= 13 &&
        std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; }))
        serial = text;
    if (!reference && !serial)
        throw LedgerRefusal("\"" + text +
                            "\" is neither a ticket's reference (8 characters; perhaps one is mistyped) "
                            "nor a serial");
    const Result rows = database_.query(
        tickets_where("(reference = $2 OR serial = $3::bigint) LIMIT 2").c_str(), {event, reference, serial});
    if (rows.empty())
        throw LedgerRefusal("there is no ticket " + text);
    if (rows.rows() > 1)
        throw LedgerRefusal("\"" + text +
                            "\" is the reference of one ticket and the serial of another: name the "
                            "event, or write the serial with a zero in front");
    return ticket_at(rows[0]);
}

std::vector<TicketRow> TicketLedger::list(std::optional<std::uint32_t> event, std::string_view status,
                                          std::string_view application, std::int64_t limit) {
    std::vector<TicketRow> tickets;
    for (Row row : database_.query(tickets_where("($2 = '' OR status = $2) AND ($3 = '' OR application = $3) "
                                                 "ORDER BY event, serial LIMIT $4")
                                       .c_str(),
                                   {event, status, application, limit}))
        tickets.push_back(ticket_at(row));
    return tickets;
}

std::vector<TicketChange> TicketLedger::changes(const TicketRow& ticket) {
    std::vector<TicketChange> changes;
    for (Row row : database_.query("SELECT version, kind, reason, iso(changed_at) FROM ticket_change "
                                   "WHERE event = $1 AND serial = $2 ORDER BY version",
                                   {ticket.event, ticket.serial}))
        changes.push_back({row.number(0), row.string(1), row.string(2), row.string(3)});
    return changes;
}

std::vector<std::int64_t> TicketLedger::revoke(const std::vector<TicketRow>& tickets,
                                               std::string_view reason) {
    std::vector<std::uint32_t> events;
    std::vector<std::int64_t> serials, rows;
    for (const TicketRow& ticket : tickets) {
        events.push_back(ticket.event);
        serials.push_back(ticket.serial);
    }
    Transaction transaction(database_);
    // Locked in one order, so that two who revoke the same tickets do not wait for each other.
    database_.query("SELECT FROM ticket JOIN unnest($1::integer[], $2::bigint[]) AS w (event, serial) "
                    "USING (event, serial) ORDER BY event, serial FOR UPDATE OF ticket",
                    {events, serials});
    database_.query(
        "WITH changed AS ("
        "  UPDATE ticket SET status = 'revoked', version = version + 1 "
        "  FROM unnest($1::integer[], $2::bigint[]) AS w (event, serial) "
        "  WHERE ticket.event = w.event AND ticket.serial = w.serial AND status <> 'revoked' "
        "  RETURNING ticket.event, ticket.serial, version), "
        "told AS (INSERT INTO ticket_change (event, serial, version, kind, reason) "
        "         SELECT event, serial, version, 'revoked', $3 FROM changed) "
        "INSERT INTO cache_outbox (event, kind, serial) SELECT event, 'ticket', serial FROM changed",
        {events, serials, reason});
    for (Row row :
         database_.query("SELECT DISTINCT id FROM cache_outbox JOIN unnest($1::integer[], $2::bigint[]) "
                         "AS w (event, serial) USING (event, serial)",
                         {events, serials}))
        rows.push_back(row.number(0));
    database_.query("SELECT pg_notify('mogiri_cache', '')");
    transaction.commit();
    return rows;
}

std::int64_t TicketLedger::unconfirmed(const std::vector<std::int64_t>& rows) {
    return database_.query("SELECT count(*) FROM cache_outbox WHERE id = ANY ($1::bigint[])", {rows})[0]
        .number(0);
}

} // namespace mogiri::daemon
