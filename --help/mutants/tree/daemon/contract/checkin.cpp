// Packs and unpacks scans.
#include "checkin.hpp"

#include "big_endian.hpp"
#include "digest.hpp"

namespace mogiri {

namespace {

constexpr std::size_t reply_head_size = 33;

bool outcome_is_known(std::uint64_t value) {
    return (value >= 1 && value <= 3) || (value >= 10 && value <= 20);
}

} // namespace

std::string_view outcome_name(CheckinOutcome outcome) {
    switch (outcome) {
    case CheckinOutcome::admitted:
        return "admitted";
    case CheckinOutcome::exited:
        return "exited";
    case CheckinOutcome::given_back:
        return "given_back";
    case CheckinOutcome::unknown:
        return "unknown";
    case CheckinOutcome::revoked:
        return "revoked";
    case CheckinOutcome::already_inside:
        return "already_inside";
    case CheckinOutcome::allowance_used:
        return "allowance_used";
    case CheckinOutcome::not_inside:
        return "not_inside";
    case CheckinOutcome::not_yet:
        return "not_yet";
    case CheckinOutcome::over:
        return "over";
    case CheckinOutcome::wrong_gate:
        return "wrong_gate";
    case CheckinOutcome::venue_full:
        return "venue_full";
    case CheckinOutcome::late:
        return "late";
    case CheckinOutcome::damaged:
        return "damaged";
    case CheckinOutcome::bad_code:
        return "bad_code";
    case CheckinOutcome::wrong_event:
        return "wrong_event";
    }
    return "unknown";
}

std::string nonce_digest(std::string_view nonce) {
    const Digest digest = sha256(nonce);
    return {reinterpret_cast<const char*>(digest.data()), 8};
}

std::string encode(std::uint64_t serial, const CheckinItem& item) {
    std::string bytes;
    bytes.reserve(checkin_item_size);
    put_number<5>(bytes, serial);
    put_number<2>(bytes, item.gate);
    put_number<4>(bytes, item.device);
    bytes += item.nonce_digest;
    bytes += static_cast<char>(item.direction);
    put_number<6>(bytes, static_cast<std::uint64_t>(item.deadline_ms));
    put_number<4>(bytes, item.kinds);
    return bytes;
}

std::optional<CheckinReply> decode_checkin_reply(std::string_view bytes) {
    if (bytes.size() < reply_head_size || !outcome_is_known(number_at<1>(bytes, 0)))
        return std::nullopt;
    const auto flags = number_at<1>(bytes, 1);
    CheckinReply reply;
    reply.outcome = static_cast<CheckinOutcome>(bytes[0]);
    reply.repeat = flags & 1;
    reply.double_read = flags & 2;
    reply.has_ticket = flags & 4;
    reply.test = flags & 8;
    reply.left = static_cast<std::uint8_t>(bytes[2]);
    reply.inside = static_cast<std::uint8_t>(bytes[3]);
    reply.cycle = static_cast<std::uint16_t>(number_at<2>(bytes, 4));
    reply.kind = static_cast<std::uint8_t>(bytes[6]);
    reply.time_ms = static_cast<std::int64_t>(number_at<6>(bytes, 7));
    reply.first_ms = static_cast<std::int64_t>(number_at<6>(bytes, 13));
    reply.first_gate = static_cast<std::uint16_t>(number_at<2>(bytes, 19));
    reply.first_device = static_cast<std::uint32_t>(number_at<4>(bytes, 21));
    reply.reference = bytes.substr(25, 8);
    reply.name = bytes.substr(reply_head_size);
    return reply;
}

std::string encode(const LoggedScan& scan) {
    std::string bytes;
    bytes.reserve(logged_scan_size);
    put_number<5>(bytes, scan.serial);
    put_number<2>(bytes, scan.gate);
    put_number<4>(bytes, scan.device);
    bytes += scan.nonce_digest;
    bytes += static_cast<char>(scan.direction);
    put_number<1>(bytes, static_cast<std::uint64_t>(scan.outcome));
    put_number<6>(bytes, static_cast<std::uint64_t>(scan.time_ms));
    put_number<1>(bytes, scan.day);
    put_number<2>(bytes, scan.cycle);
    put_number<1>(bytes, scan.inside);
    put_number<1>(bytes, scan.flags);
    return bytes;
}

std::optional<std::vector<LoggedScan>> decode_logged_scans(std::string_view bytes) {
    if (bytes.size() % logged_scan_size != 0)
        return std::nullopt;
    std::vector<LoggedScan> scans;
    scans.reserve(bytes.size() / logged_scan_size);
    for (; !bytes.empty(); bytes.remove_prefix(logged_scan_size)) {
        if (!outcome_is_known(number_at<1>(bytes, 20)) || (bytes[19] != 'E' && bytes[19] != 'X'))
            return std::nullopt;
        scans.push_back({.serial = number_at<5>(bytes, 0),
                         .device = static_cast<std::uint32_t>(number_at<4>(bytes, 7)),
                         .gate = static_cast<std::uint16_t>(number_at<2>(bytes, 5)),
                         .direction = static_cast<Direction>(bytes[19]),
                         .outcome = static_cast<CheckinOutcome>(bytes[20]),
                         .time_ms = static_cast<std::int64_t>(number_at<6>(bytes, 21)),
                         .day = static_cast<std::uint8_t>(bytes[27]),
                         .cycle = static_cast<std::uint16_t>(number_at<2>(bytes, 28)),
                         .inside = static_cast<std::uint8_t>(bytes[30]),
                         .flags = static_cast<std::uint8_t>(bytes[31]),
                         .nonce_digest = std::string(bytes.substr(11, 8))});
    }
    return scans;
}

} // namespace mogiri
