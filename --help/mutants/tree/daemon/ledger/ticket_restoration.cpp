// The ledger counts what is given back; Redis follows the count when it is published, whatever it holds by
// then (tests/system/test_restore.py).
#include "ticket_restoration.hpp"

#include <redis_keys.hpp>
#include <ticket_record.hpp>

#include <algorithm>
#include <map>

#include "event_ledger.hpp"

namespace mogiri::daemon {

namespace {

struct DayCount {
    int admissions = 0, given_back = 0;
};

// The ledger may not have the latest scans, and Redis not the latest restorations.
using DayCounts = std::map<int, DayCount>;

void add_ledger(DayCounts& days, Database& database, const TicketRow& ticket) {
    for (Row row :
         database.query("SELECT day, cycle, given_back FROM ticket_day WHERE event = $1 AND serial = $2",
                        {ticket.event, ticket.serial}))
        days[static_cast<int>(row.number(0))] = {static_cast<int>(row.number(1)),
                                                 static_cast<int>(row.number(2))};
}

void add_door(DayCounts& days, Redis& redis, const TicketRow& ticket) {
    const Reply reply =
        redis.command({"GET", redis_keys::ticket(ticket.event, static_cast<std::uint64_t>(ticket.serial))});
    const auto record = decode_ticket_record(reply.text());
    if (!record)
        return;
    for (const TicketDayUse& use : record->days)
        days[use.day].admissions = std::max<int>(days[use.day].admissions, use.cycle);
}

} // namespace

RestoredDay TicketRestoration::day_to_give_back(const TicketRow& ticket, std::optional<int> wish) {
    DayCounts days;
    add_ledger(days, database_, ticket);
    if (redis_)
        add_door(days, *redis_, ticket);
    for (auto at = days.rbegin(); at != days.rend(); ++at)
        if (const int uses = at->second.admissions - at->second.given_back;
            uses > 0 && wish.value_or(at->first) == at->first)
            return {ticket, at->first, uses - 1};
    throw LedgerRefusal("ticket " + ticket.reference + " has no admission" +
                        (wish ? " on day " + std::to_string(*wish) : "") + " that could be given back");
}

Restoration TicketRestoration::give_back(const std::vector<TicketRow>& tickets, std::optional<int> day,
                                         std::string_view reason) {
    Restoration restoration;
    std::vector<std::uint32_t> events;
    std::vector<std::int64_t> serials;
    for (const TicketRow& ticket : tickets) {
        events.push_back(ticket.event);
        serials.push_back(ticket.serial);
    }
    Transaction transaction(database_);
    for (Row row :
         database_.query("SELECT event, serial, reference, status, test FROM ticket JOIN "
                         "(SELECT DISTINCT * FROM unnest($1::integer[], $2::bigint[]) AS w (event, serial)) "
                         "AS wanted USING (event, serial) ORDER BY event, serial FOR UPDATE OF ticket",
                         {events, serials})) {
        TicketRow ticket;
        ticket.event = static_cast<std::uint32_t>(row.number(0));
        ticket.serial = row.number(1);
        ticket.reference = row.string(2);
        if (row.text(3) == "revoked")
            throw LedgerRefusal("ticket " + ticket.reference +
                                " is revoked; mogirictl ticket issue gives its applicant another one");
        if (row.truth(4))
            throw LedgerRefusal("ticket " + ticket.reference +
                                " is a test ticket; mogirictl ticket test makes a fresh one");
        const RestoredDay& restored = restoration.days.emplace_back(day_to_give_back(ticket, day));
        database_.query("INSERT INTO ticket_day AS known (event, serial, day, inside, cycle, given_back) "
                        "VALUES ($1, $2, $3, 0, 0, 1) ON CONFLICT (event, serial, day) "
                        "DO UPDATE SET given_back = known.given_back + 1",
                        {ticket.event, ticket.serial, restored.day});
        const Result told = database_.query(
            "WITH changed AS (UPDATE ticket SET version = version + 1 WHERE event = $1 AND serial = $2 "
            "                 RETURNING version), "
            "noted AS (INSERT INTO ticket_change (event, serial, version, kind, reason) "
            "          SELECT $1, $2, version, 'restored', $3::text || ' (day ' || $4::integer || ')' FROM "
            "changed) "
            "INSERT INTO cache_outbox (event, kind, serial) VALUES ($1, 'ticket', $2) RETURNING id",
            {ticket.event, ticket.serial, reason, restored.day});
        restoration.rows.push_back(told[0].number(0));
    }
    database_.query("SELECT pg_notify('mogiri_cache', '')");
    transaction.commit();
    return restoration;
}

} // namespace mogiri::daemon
