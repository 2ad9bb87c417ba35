// Tickets of the ledger as the records that the door reads: with their use of each day and their last scans.
#include "ticket_records.hpp"

#include <checkin.hpp>
#include <ticket_record.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace mogiri::daemon {

namespace {

constexpr std::uint8_t double_read_bit = 0x80,
                       forced_bit = 0x40; // of a remembered outcome: ticket_record.hpp

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
    use.given_back = static_cast<std::uint8_t>(std::min<std::int64_t>(row.number(7), UINT8_MAX));
    use.undone = static_cast<std::uint8_t>(row.number(8));
    return use;
}

TicketScan scan_at(Row row, const TicketRecord& record, bool reentry) {
    TicketScan scan;
    scan.device = static_cast<std::uint32_t>(row.number(1));
    scan.nonce_digest = row.bytes(2);
    scan.time_ms = row.number(3);
    scan.outcome = static_cast<std::uint8_t>(row.number(4));
    if (row.number(5) & scan_flags::double_read)
        scan.outcome |= double_read_bit;
    if (row.number(5) & scan_flags::forced)
        scan.outcome |= forced_bit;
    scan.direction = static_cast<char>(row.text(6) == "entry" ? Direction::entry : Direction::exit);
    scan.day = static_cast<std::uint8_t>(row.number(7));
    scan.cycle = static_cast<std::uint16_t>(row.number(8));
    std::int64_t left = record.allowance - row.number(9);
    if (!reentry) {
        const auto use = std::ranges::find(record.days, scan.day, &TicketDayUse::day);
        const int free_again = use == record.days.end() ? 0 : use->undone + use->given_back;
        left = std::min<std::int64_t>(left, record.allowance - scan.cycle + free_again);
    }
    scan.left = static_cast<std::uint8_t>(std::max<std::int64_t>(left, 0));
    return scan;
}

} // namespace

// Which rows of a table with a column `serial` are meant, as a condition; its parameters begin at $2.
struct TicketRecords::Choice {
    const char* where;
    std::vector<Parameter> parameters; // $1, the event, is the first
};

std::vector<LedgerTicket> TicketRecords::of(std::uint32_t event, const std::vector<std::uint64_t>& serials) {
    return assemble(event, tickets(event, serials), {"serial = ANY ($2::bigint[])", {event, serials}}, false);
}

std::vector<LedgerTicket> TicketRecords::drained(std::uint32_t event,
                                                 const std::vector<std::uint64_t>& serials) {
    return assemble(event, tickets(event, serials), {"serial = ANY ($2::bigint[])", {event, serials}}, true);
}

Result TicketRecords::tickets(std::uint32_t event, const std::vector<std::uint64_t>& serials) {
    return database_.query("SELECT serial, kind, guest_name, reference, status, version, test FROM ticket "
                           "WHERE event = $1 AND serial = ANY ($2::bigint[]) ORDER BY serial",
                           {event, serials});
}

// Between the first and the last of them there is no other, so their use is one range of each index.
std::vector<LedgerTicket> TicketRecords::after(std::uint32_t event, std::uint64_t serial, int limit) {
    const Result found =
        database_.query("SELECT serial, kind, guest_name, reference, status, version, test FROM ticket "
                        "WHERE event = $1 AND serial > $2 ORDER BY serial LIMIT $3",
                        {event, serial, limit});
    if (found.empty())
        return {};
    return assemble(
        event, found,
        {"serial BETWEEN $2 AND $3", {event, found[0].number(0), found[found.rows() - 1].number(0)}}, true);
}

std::vector<LedgerTicket> TicketRecords::assemble(std::uint32_t event, const Result& tickets,
                                                  const Choice& chosen, bool as_drained) {
    if (tickets.empty())
        return {};
    book_.refresh(database_);
    const EventSettings& settings = book_.find(event)->settings;
    std::map<std::uint64_t, TicketRecord> records;
    for (Row row : tickets) {
        TicketRecord& record = records[static_cast<std::uint64_t>(row.number(0))];
        record.kind = kind_index(settings, row.text(1));
        record.allowance = settings.kinds[record.kind].allowance;
        record.name = row.string(2);
        record.reference = row.string(3);
        record.revoked = row.text(4) == "revoked";
        record.version = static_cast<std::uint64_t>(row.number(5));
        record.test = row.truth(6);
    }
    const std::string where = std::string("WHERE event = $1 AND ") + chosen.where;
    const std::string use =
        "SELECT serial, day, inside, cycle, coalesce((extract(epoch FROM first_at) * 1000)::bigint, 0), "
        "       coalesce(first_gate, 0), coalesce(first_device, 0), " +
        std::string(as_drained ? "given_back_known" : "given_back") + ", undone FROM ticket_day " + where +
        " ORDER BY serial, first_at, day";
    for (Row row : database_.query(use.c_str(), chosen.parameters))
        if (const auto known = records.find(static_cast<std::uint64_t>(row.number(0)));
            known != records.end())
            known->second.days.push_back(use_at(row));
    // The last four, and the latest one that changed the ticket's use: what the door remembers.
    const std::string scans = "SELECT serial, device, nonce, (extract(epoch FROM at) * 1000)::bigint, "
                              "outcome, flags, direction, day, cycle, inside "
                              "FROM (SELECT *, row_number() OVER from_latest AS place_from_latest, "
                              "             outcome <= 5 AND flags & 2 = 0 AS changes, "
                              "             count(*) FILTER (WHERE outcome <= 5 AND flags & 2 = 0) OVER "
                              "from_latest AS changes_from_latest "
                              "      FROM scan " +
                              where +
                              " AND outcome <> 10 "
                              "      WINDOW from_latest AS (PARTITION BY serial ORDER BY epoch DESC, "
                              "stream_ms DESC, stream_seq DESC, place DESC "
                              "                             ROWS UNBOUNDED PRECEDING)) AS scans "
                              "WHERE place_from_latest <= 4 OR (changes AND changes_from_latest = 1) "
                              "ORDER BY serial, epoch, stream_ms, stream_seq, place";
    for (Row row : database_.query(scans.c_str(), chosen.parameters))
        if (const auto known = records.find(static_cast<std::uint64_t>(row.number(0)));
            known != records.end())
            known->second.scans.push_back(scan_at(row, known->second, settings.reentry));
    std::vector<LedgerTicket> encoded;
    for (const auto& [serial, record] : records)
        encoded.push_back({serial, encode(record)});
    return encoded;
}

} // namespace mogiri::daemon
