// One ticket in the place of another.
#include "ticket_succession.hpp"

#include <ticket_code.hpp>

namespace mogiri::daemon {

NewTicket TicketSuccession::next(std::uint32_t event) {
    const std::int64_t serial = database_.query("SELECT nextval('ticket_serial')")[0].number(0);
    return {event, serial, ticket_reference(static_cast<std::uint64_t>(serial))};
}

void TicketSuccession::replace(std::int64_t old, const NewTicket& next, std::string_view change,
                               std::string_view reason, const std::optional<std::string>& guest,
                               const std::vector<TicketDayUse>& door) {
    database_.query("WITH revoked AS ("
                    "  UPDATE ticket SET status = 'revoked', version = version + 1 "
                    "  WHERE event = $1 AND serial = $2 RETURNING version) "
                    "INSERT INTO ticket_change (event, serial, version, kind, reason) "
                    "SELECT $1, $2, version, $3, $4 FROM revoked",
                    {next.event, old, change, reason});
    database_.query(
        "INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id, "
        "                    test) "
        "SELECT event, $3, application, position, kind, coalesce($4, guest_name), $5, $6, test FROM ticket "
        "WHERE event = $1 AND serial = $2",
        {next.event, old, next.serial, guest, next.reference, signing_key_});
    // A hold's row need not wait any more, nor anybody for it.
    database_.query("UPDATE cache_outbox SET due_at = now() WHERE event = $1 AND serial = $2",
                    {next.event, old});
    // What was given back is left behind: what counts is copied.
    database_.query(
        "INSERT INTO ticket_day (event, serial, day, inside, cycle, first_at, first_gate, first_device) "
        "SELECT event, $3, day, greatest(inside - (given_back - given_back_known), 0), "
        "       greatest(cycle - given_back, 0), first_at, first_gate, first_device "
        "FROM ticket_day WHERE event = $1 AND serial = $2",
        {next.event, old, next.serial});
    for (const TicketDayUse& use : door)
        database_.query("INSERT INTO ticket_day AS known (event, serial, day, inside, cycle, first_at, "
                        "first_gate, first_device) "
                        "VALUES ($1, $2, $3, $4, $5, to_timestamp($6::bigint / 1000.0), $7, $8) "
                        "ON CONFLICT (event, serial, day) DO UPDATE "
                        "SET inside = excluded.inside, cycle = greatest(known.cycle, excluded.cycle), "
                        "    first_at = coalesce(known.first_at, excluded.first_at), "
                        "    first_gate = coalesce(known.first_gate, excluded.first_gate), "
                        "    first_device = coalesce(known.first_device, excluded.first_device)",
                        {next.event, next.serial, static_cast<int>(use.day), static_cast<int>(use.inside),
                         static_cast<int>(use.cycle) - static_cast<int>(use.given_back), use.first_ms,
                         static_cast<int>(use.first_gate), use.first_device});
}

} // namespace mogiri::daemon
