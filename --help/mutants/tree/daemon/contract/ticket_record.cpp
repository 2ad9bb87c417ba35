// Packs and unpacks what the door knows of a ticket.
#include "ticket_record.hpp"

#include "big_endian.hpp"

namespace mogiri {

namespace {

constexpr char format = 1;
constexpr std::size_t head_size = 12, day_size = 18, scan_size = 24, reference_size = 8, nonce_size = 8;

} // namespace

std::string encode(const TicketRecord& record) {
    std::string bytes;
    bytes += format;
    bytes += record.test ? (record.revoked ? 't' : 'T') : (record.revoked ? 'R' : 'V');
    put_number<1>(bytes, record.kind);
    put_number<1>(bytes, record.allowance);
    put_number<6>(bytes, record.version);
    put_number<1>(bytes, record.days.size());
    put_number<1>(bytes, record.scans.size());
    for (const TicketDayUse& day : record.days) {
        put_number<1>(bytes, day.day);
        put_number<1>(bytes, day.inside);
        put_number<2>(bytes, day.cycle);
        put_number<6>(bytes, static_cast<std::uint64_t>(day.first_ms));
        put_number<2>(bytes, day.first_gate);
        put_number<4>(bytes, day.first_device);
        put_number<2>(bytes, day.given_back);
    }
    for (const TicketScan& scan : record.scans) {
        put_number<4>(bytes, scan.device);
        bytes += scan.nonce_digest;
        put_number<6>(bytes, static_cast<std::uint64_t>(scan.time_ms));
        put_number<1>(bytes, scan.outcome);
        bytes += scan.direction;
        put_number<1>(bytes, scan.day);
        put_number<1>(bytes, scan.left);
        put_number<2>(bytes, scan.cycle);
    }
    return bytes + record.reference + record.name;
}

std::optional<TicketRecord> decode_ticket_record(std::string_view bytes) {
    if (bytes.size() < head_size + reference_size || bytes[0] != format ||
        std::string_view("VRTt").find(bytes[1]) == std::string_view::npos)
        return std::nullopt;
    TicketRecord record;
    record.revoked = bytes[1] == 'R' || bytes[1] == 't';
    record.test = bytes[1] == 'T' || bytes[1] == 't';
    record.kind = static_cast<std::uint8_t>(bytes[2]);
    record.allowance = static_cast<std::uint8_t>(bytes[3]);
    record.version = number_at<6>(bytes, 4);
    const auto days = static_cast<std::size_t>(number_at<1>(bytes, 10));
    const auto scans = static_cast<std::size_t>(number_at<1>(bytes, 11));
    std::size_t at = head_size;
    if (bytes.size() < at + days * day_size + scans * scan_size + reference_size)
        return std::nullopt;
    for (std::size_t i = 0; i < days; ++i, at += day_size)
        record.days.push_back({static_cast<std::uint8_t>(bytes[at]), static_cast<std::uint8_t>(bytes[at + 1]),
                               static_cast<std::uint16_t>(number_at<2>(bytes, at + 2)),
                               static_cast<std::int64_t>(number_at<6>(bytes, at + 4)),
                               static_cast<std::uint16_t>(number_at<2>(bytes, at + 10)),
                               static_cast<std::uint32_t>(number_at<4>(bytes, at + 12)),
                               static_cast<std::uint16_t>(number_at<2>(bytes, at + 16))});
    for (std::size_t i = 0; i < scans; ++i, at += scan_size)
        record.scans.push_back({static_cast<std::uint32_t>(number_at<4>(bytes, at)),
                                std::string(bytes.substr(at + 4, nonce_size)),
                                static_cast<std::int64_t>(number_at<6>(bytes, at + 12)),
                                static_cast<std::uint8_t>(bytes[at + 18]), bytes[at + 19],
                                static_cast<std::uint8_t>(bytes[at + 20]),
                                static_cast<std::uint8_t>(bytes[at + 21]),
                                static_cast<std::uint16_t>(number_at<2>(bytes, at + 22))});
    record.reference = bytes.substr(at, reference_size);
    record.name = bytes.substr(at + reference_size);
    return record;
}

} // namespace mogiri
