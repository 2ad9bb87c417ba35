// Packs and unpacks what the door knows of a ticket.
#include "ticket_record.hpp"

#include "big_endian.hpp"

namespace mogiri {

namespace {

constexpr char format = static_cast<char>(130), never_used = static_cast<char>(131),
               first_entry = static_cast<char>(132), used = static_cast<char>(133);
constexpr std::size_t head_size = 7, reference_size = 8, tail_size = 4, least_size = head_size + reference_size + tail_size,
                      day_size = 18, scan_size = 24, nonce_size = 8, counts_size = 3, first_entry_size = 23;

// Of a first entry, whose place is gate 2, device 4, nonce digest 8.
void read_first_entry(std::string_view bytes, TicketRecord& record) {
    const auto time = static_cast<std::int64_t>(number_at<6>(bytes, 14));
    const auto day = static_cast<std::uint8_t>(bytes[20]), left = static_cast<std::uint8_t>(bytes[21]);
    const auto gate = static_cast<std::uint16_t>(number_at<2>(bytes, 0));
    const auto device = static_cast<std::uint32_t>(number_at<4>(bytes, 2));
    record.days = {{day, 1, 1, time, gate, device}};
    record.scans = {{device, std::string(bytes.substr(6, nonce_size)), time, 1, 'E', day, left, 1}};
}

} // namespace

std::string encode(const TicketScan& scan) {
    std::string bytes;
    put_number<4>(bytes, scan.device);
    bytes += scan.nonce_digest;
    put_number<6>(bytes, static_cast<std::uint64_t>(scan.time_ms));
    put_number<1>(bytes, scan.outcome);
    bytes += scan.direction;
    put_number<1>(bytes, scan.day);
    put_number<1>(bytes, scan.left);
    put_number<2>(bytes, scan.cycle);
    return bytes;
}

std::string encode(const TicketRecord& record) {
    std::string bytes;
    bytes += format;
    put_number<6>(bytes, record.version);
    bytes += record.reference;
    bytes += record.name;
    bytes += record.test ? (record.revoked ? 't' : 'T') : (record.revoked ? 'R' : 'V');
    put_number<1>(bytes, record.kind);
    put_number<1>(bytes, record.allowance);
    bytes += never_used;
    if (record.days.empty() && record.scans.empty())
        return bytes;
    for (const TicketDayUse& day : record.days) {
        put_number<1>(bytes, day.day);
        put_number<1>(bytes, day.inside);
        put_number<2>(bytes, day.cycle);
        put_number<6>(bytes, static_cast<std::uint64_t>(day.first_ms));
        put_number<2>(bytes, day.first_gate);
        put_number<4>(bytes, day.first_device);
        put_number<1>(bytes, day.undone);
        put_number<1>(bytes, day.given_back);
    }
    for (const TicketScan& scan : record.scans) {
        bytes += encode(scan);
    }
    put_number<1>(bytes, record.days.size());
    put_number<1>(bytes, record.scans.size());
    bytes += used;
    return bytes;
}

std::optional<UnusedTicket> read_unused_ticket(std::string_view bytes) {
    if (bytes.size() < least_size || bytes.front() != format || bytes.back() != never_used ||
        std::string_view("VRTt").find(bytes[bytes.size() - tail_size]) == std::string_view::npos)
        return std::nullopt;
    const std::string_view tail = bytes.substr(bytes.size() - tail_size);
    return UnusedTicket{tail[0], static_cast<std::uint8_t>(tail[1]), static_cast<std::uint8_t>(tail[2]),
                        bytes.substr(head_size, reference_size),
                        bytes.substr(head_size + reference_size, bytes.size() - least_size)};
}

std::optional<TicketRecord> decode_ticket_record(std::string_view bytes) {
    if (bytes.size() < least_size)
        return std::nullopt;
    std::size_t days = 0, scans = 0, use_size = 0;
    if (bytes.back() == used) {
        days = static_cast<std::size_t>(number_at<1>(bytes, bytes.size() - 3));
        scans = static_cast<std::size_t>(number_at<1>(bytes, bytes.size() - 2));
        use_size = days * day_size + scans * scan_size + counts_size;
    } else if (bytes.back() == first_entry) {
        use_size = first_entry_size;
    }
    if (bytes.size() < least_size + use_size)
        return std::nullopt;
    std::size_t at = bytes.size() - use_size;
    const auto ticket = read_unused_ticket(bytes.substr(0, at));
    if (!ticket)
        return std::nullopt;
    TicketRecord record;
    record.revoked = ticket->status == 'R' || ticket->status == 't';
    record.test = ticket->status == 'T' || ticket->status == 't';
    record.kind = ticket->kind;
    record.allowance = ticket->allowance;
    record.version = number_at<6>(bytes, 1);
    record.reference = ticket->reference;
    record.name = ticket->name;
    if (bytes.back() == first_entry)
        read_first_entry(bytes.substr(at), record);
    for (std::size_t i = 0; i < days; ++i, at += day_size)
        record.days.push_back({static_cast<std::uint8_t>(bytes[at]), static_cast<std::uint8_t>(bytes[at + 1]),
                               static_cast<std::uint16_t>(number_at<2>(bytes, at + 2)),
                               static_cast<std::int64_t>(number_at<6>(bytes, at + 4)),
                               static_cast<std::uint16_t>(number_at<2>(bytes, at + 10)),
                               static_cast<std::uint32_t>(number_at<4>(bytes, at + 12)),
                               static_cast<std::uint8_t>(bytes[at + 16]), static_cast<std::uint8_t>(bytes[at + 17])});
    for (std::size_t i = 0; i < scans; ++i, at += scan_size)
        record.scans.push_back({static_cast<std::uint32_t>(number_at<4>(bytes, at)),
                                std::string(bytes.substr(at + 4, nonce_size)),
                                static_cast<std::int64_t>(number_at<6>(bytes, at + 12)),
                                static_cast<std::uint8_t>(bytes[at + 18]), bytes[at + 19],
                                static_cast<std::uint8_t>(bytes[at + 20]),
                                static_cast<std::uint8_t>(bytes[at + 21]),
                                static_cast<std::uint16_t>(number_at<2>(bytes, at + 22))});
    return record;
}

} // namespace mogiri
