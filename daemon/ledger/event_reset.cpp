// What staff begin anew for a whole event.
#include "event_reset.hpp"

namespace mogiri::daemon {

std::int64_t EventReset::give_back(std::uint32_t event, std::string_view reason) {
    // In the order in which others lock them, too.
    database_.query("SELECT FROM ticket WHERE event = $1 AND status = 'valid' AND NOT test AND serial IN "
                    "(SELECT serial FROM ticket_day WHERE event = $1 AND cycle > given_back + undone) "
                    "ORDER BY serial FOR UPDATE",
                    {event});
    const std::int64_t tickets =
        database_
            .query("WITH back AS (UPDATE ticket_day SET given_back = cycle - undone FROM ticket "
                   "              WHERE ticket_day.event = $1 AND ticket.event = $1 "
                   "                AND ticket.serial = ticket_day.serial AND status = 'valid' AND NOT test "
                   "                AND cycle > given_back + undone RETURNING ticket_day.serial), "
                   "changed AS (UPDATE ticket SET version = version + 1 WHERE event = $1 "
                   "            AND serial IN (SELECT serial FROM back) RETURNING serial, version), "
                   "noted AS (INSERT INTO ticket_change (event, serial, version, kind, reason) "
                   "          SELECT $1, serial, version, 'restored', $2 || ' (all uses of the event)' FROM "
                   "changed) "
                   "INSERT INTO cache_outbox (event, kind, serial) SELECT $1, 'ticket', serial FROM changed",
                   {event, reason})
            .touched();
    database_.query("SELECT pg_notify('mogiri_cache', '')");
    return tickets;
}

std::int64_t EventReset::forget_counts(std::uint32_t event) {
    return database_
        .query("UPDATE application SET uncounted = true WHERE event = $1 AND NOT uncounted AND NOT test "
               "AND state IN ('issued', 'awaiting_approval', 'waiting')",
               {event})
        .touched();
}

} // namespace mogiri::daemon
