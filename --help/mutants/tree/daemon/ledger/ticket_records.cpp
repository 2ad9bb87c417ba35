// Tickets of the ledger as the records that the door reads: with their use of each day and their last scans.
#include "ticket_records.hpp"

#include <checkin.hpp>
#include <ticket_record.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace mogiri::daemon {

namespace {

constexpr std::uint8_t double_read_flag = 2;   // of a logged scan
constexpr std::uint8_t double_read_bit = 0x80; // of a remembered outcome: functions/5_checkin.lua

std::uint8_t kind_index(const EventSettings& settings, std::string_view id) {
    const auto kind = std::ranges::find(settings.kinds, id, &TicketKind::id);
    if (kind == settings.kinds.end())
        throw std::logic_error("event " + std::to_string(settings.number) +
                               " has tickets of a kind that is gone");
    return static_cast<std::uint8_t>(kind - settings.kinds.begin());
}

TicketDayUse use_at(Row row) {
    TicketDayUse use;
    use.day = static_cast<std::uint8_t>(row.number(1));
    use.inside = static_cast<std::uint8_t>(row.number(2));
    use.cycle = static_cast<std::uint16_t>(row.number(3));
    use.first_ms = row.number(4);
    use.first_gate = static_cast<std::uint16_t>(row.number(5));
    use.first_device = static_cast<std::uint32_t>(row.number(6));
    use.given_back = static_cast<std::uint16_t>(row.number(7));
    return use;
}

TicketScan scan_at(Row row, const TicketRecord& record, bool reentry) {
    TicketScan scan;
    scan.device = static_cast<std::uint32_t>(row.number(1));
    scan.nonce_digest = row.bytes(2);
    scan.time_ms = row.number(3);
    scan.outcome = static_cast<std::uint8_t>(row.number(4));
    if (row.number(5) & double_read_flag)
        scan.outcome |= double_read_bit;
    scan.direction = static_cast<char>(row.text(6) == "entry" ? Direction::entry : Direction::exit);
    scan.day = static_cast<std::uint8_t>(row.number(7));
    scan.cycle = static_cast<std::uint16_t>(row.number(8));
    std::int64_t left = record.allowance - row.number(9);
    if (!reentry)
        left = std::min<std::int64_t>(left, record.allowance - scan.cycle);
    scan.left = static_cast<std::uint8_t>(std::max<std::int64_t>(left, 0));
    return scan;
}

constexpr const char* select_tickets =
    "SELECT serial, kind, guest_name, reference, status, version, test FROM ticket "
    "WHERE event = $1 AND serial = ANY ($2::bigint[]) ORDER BY serial";

} // namespace

std::vector<LedgerTicket> TicketRecords::of(std::uint32_t event, const std::vector<std::uint64_t>& serials) {
    return assemble(event, database_.query(select_tickets, {event, serials}), false);
}

std::vector<LedgerTicket> TicketRecords::drained(std::uint32_t event,
                                                 const std::vector<std::uint64_t>& serials) {
    return assemble(event, database_.query(select_tickets, {event, serials}), true);
}

std::vector<LedgerTicket> TicketRecords::after(std::uint32_t event, std::uint64_t serial, int limit) {
    return assemble(
        event,
        database_.query("SELECT serial, kind, guest_name, reference, status, version, test FROM ticket "
                        "WHERE event = $1 AND serial > $2 ORDER BY serial LIMIT $3",
                        {event, serial, limit}),
        true);
}

std::vector<LedgerTicket> TicketRecords::assemble(std::uint32_t event, const Result& tickets,
                                                  bool as_drained) {
    if (tickets.empty())
        return {};
    book_.refresh(database_);
    const EventSettings& settings = book_.find(event)->settings;
    std::map<std::uint64_t, TicketRecord> records;
    std::vector<std::uint64_t> serials;
    for (Row row : tickets) {
        serials.push_back(static_cast<std::uint64_t>(row.number(0)));
        TicketRecord& record = records[serials.back()];
        record.kind = kind_index(settings, row.text(1));
        record.allowance = settings.kinds[record.kind].allowance;
        record.name = row.string(2);
        record.reference = row.string(3);
        record.revoked = row.text(4) == "revoked";
        record.version = static_cast<std::uint64_t>(row.number(5));
        record.test = row.truth(6);
    }
    for (Row row : database_.query(
             "SELECT serial, day, inside, cycle, coalesce((extract(epoch FROM first_at) * 1000)::bigint, 0), "
             "       coalesce(first_gate, 0), coalesce(first_device, 0), "
             "       CASE WHEN $3 THEN given_back_known ELSE given_back END "
             "FROM ticket_day WHERE event = $1 AND serial = ANY ($2::bigint[]) ORDER BY serial, first_at, "
             "day",
             {event, serials, as_drained}))
        records[static_cast<std::uint64_t>(row.number(0))].days.push_back(use_at(row));
    for (Row row : database_.query("SELECT serial, device, nonce, (extract(epoch FROM at) * 1000)::bigint, "
                                   "outcome, flags, direction, day, "
                                   "       cycle, inside "
                                   "FROM unnest($2::bigint[]) AS wanted (serial), LATERAL "
                                   "     (SELECT * FROM scan WHERE scan.event = $1 AND scan.serial = "
                                   "wanted.serial AND outcome <> 10 "
                                   "      ORDER BY epoch DESC, stream_ms DESC, stream_seq DESC, place DESC "
                                   "LIMIT 4) AS latest (event, epoch, "
                                   "      stream_ms, stream_seq, place, ticket) "
                                   "ORDER BY serial, epoch, stream_ms, stream_seq, place",
                                   {event, serials})) {
        TicketRecord& record = records[static_cast<std::uint64_t>(row.number(0))];
        record.scans.push_back(scan_at(row, record, settings.reentry));
    }
    std::vector<LedgerTicket> encoded;
    for (const auto& [serial, record] : records)
        encoded.push_back({serial, encode(record)});
    return encoded;
}

} // namespace mogiri::daemon
