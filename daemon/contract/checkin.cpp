// Packs and unpacks scans.
#include "checkin.hpp"

#include "big_endian.hpp"
#include "digest.hpp"
#include "ticket_record.hpp"

#include <algorithm>

namespace mogiri {

namespace {

constexpr std::size_t reply_head_size = 33;
constexpr std::size_t serial_size = 5, place_size = 14, group_size = 14, first_entry_head_size = 12, most_in_group = 255;
constexpr std::size_t note_head_size = 4, note_fixed_size = 19;

char asked(const CheckinItem& item) {
    switch (item.supervision) {
    case Supervision::force:
        return 'F';
    case Supervision::undo:
        return 'U';
    case Supervision::none:
        break;
    }
    return static_cast<char>(item.direction);
}

bool outcome_is_known(std::uint64_t value) {
    return (value >= 1 && value <= 5) || (value >= 10 && value <= 21);
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
    case CheckinOutcome::undone_entry:
        return "undone_entry";
    case CheckinOutcome::undone_exit:
        return "undone_exit";
    case CheckinOutcome::nothing_to_undo:
        return "nothing_to_undo";
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

bool ask_for_the_same(const CheckinItem& one, const CheckinItem& other) {
    return one.gate == other.gate && asked(one) == asked(other) && one.kinds == other.kinds;
}

void CheckinColumns::add(std::uint64_t serial, const CheckinItem& item) {
    const auto deadline = static_cast<std::uint64_t>(item.deadline_ms);
    const std::size_t last = groups.size() - group_size; // the group that the scan before belongs to
    if (!groups.empty() && number_at<2>(groups, last) == item.gate && groups[last + 2] == asked(item) &&
        number_at<4>(groups, last + 4) == item.kinds && number_at<1>(groups, last + 3) < most_in_group) {
        ++groups[last + 3];
        if (deadline < number_at<6>(groups, last + 8)) {
            groups.resize(last + 8);
            put_number<6>(groups, deadline);
        }
    } else {
        put_number<2>(groups, item.gate);
        groups += asked(item);
        put_number<1>(groups, 1);
        put_number<4>(groups, item.kinds);
        put_number<6>(groups, deadline);
    }
    put_number<5>(serials, serial);
    put_number<2>(places, item.gate);
    put_number<4>(places, item.device);
    places += item.nonce_digest;
    put_number<6>(deadlines, deadline);
    if (item.flags != 0 || item.device_ms != 0 || item.supervision != Supervision::none) {
        more.resize(size());
        put_number<1>(more.back(), item.flags);
        put_number<6>(more.back(), static_cast<std::uint64_t>(item.device_ms));
        more.back() += item.note;
    }
}

std::string encode(const ScanNote& note) {
    return note.actor + "\n" + note.origin + "\n" + note.reason;
}

std::optional<ScanNote> decode_scan_note(std::string_view text) {
    const std::size_t first = text.find('\n'), second = text.find('\n', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos)
        return std::nullopt;
    return ScanNote{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
                    std::string(text.substr(second + 1))};
}

std::optional<CheckinReply> decode_checkin_reply(std::string_view bytes, const CheckinItem& item, std::int64_t now) {
    if (const auto ticket = read_unused_ticket(bytes))
        return CheckinReply{.outcome = CheckinOutcome::admitted,
                            .has_ticket = true,
                            .left = static_cast<std::uint8_t>(ticket->allowance - 1),
                            .inside = 1,
                            .cycle = 1,
                            .kind = ticket->kind,
                            .time_ms = now,
                            .first_ms = now,
                            .first_gate = item.gate,
                            .first_device = item.device,
                            .reference = ticket->reference,
                            .name = ticket->name};
    if (bytes.size() < reply_head_size || !outcome_is_known(number_at<1>(bytes, 0)))
        return std::nullopt;
    const auto flags = number_at<1>(bytes, 1);
    CheckinReply reply;
    reply.outcome = static_cast<CheckinOutcome>(bytes[0]);
    reply.repeat = flags & 1;
    reply.double_read = flags & 2;
    reply.has_ticket = flags & 4;
    reply.test = flags & 8;
    reply.forced = flags & 16;
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

std::string logged_first_entries(std::string_view bytes) {
    if (bytes.size() < first_entry_head_size || (bytes.size() - first_entry_head_size) % (serial_size + place_size) != 0)
        return std::string(bytes);
    const std::string_view head = bytes.substr(0, first_entry_head_size);
    const std::size_t scans = (bytes.size() - first_entry_head_size) / (serial_size + place_size);
    const std::string_view serials = bytes.substr(first_entry_head_size, scans * serial_size);
    const std::string_view places = bytes.substr(first_entry_head_size + serials.size());
    std::string rows;
    rows.reserve(scans * logged_scan_size);
    for (std::size_t i = 0; i < scans; ++i) {
        rows += serials.substr(i * serial_size, serial_size);
        rows += places.substr(i * place_size, place_size);
        rows += static_cast<char>(Direction::entry);
        rows += head;
    }
    return rows;
}

std::string encode(const LoggedNote& note) {
    std::string bytes;
    put_number<2>(bytes, note.place);
    put_number<2>(bytes, note_fixed_size + note.note.size());
    put_number<6>(bytes, static_cast<std::uint64_t>(note.device_ms));
    put_number<1>(bytes, note.overrode);
    put_number<4>(bytes, note.undone_device);
    return bytes + note.undone_nonce + note.note;
}

std::vector<LoggedNote> decode_logged_notes(std::string_view bytes) {
    std::vector<LoggedNote> notes;
    while (bytes.size() >= note_head_size) {
        const auto size = static_cast<std::size_t>(number_at<2>(bytes, 2));
        if (size < note_fixed_size || bytes.size() < note_head_size + size)
            break;
        notes.push_back({static_cast<std::uint16_t>(number_at<2>(bytes, 0)),
                         static_cast<std::int64_t>(number_at<6>(bytes, 4)),
                         static_cast<std::uint8_t>(number_at<1>(bytes, 10)),
                         static_cast<std::uint32_t>(number_at<4>(bytes, 11)), std::string(bytes.substr(15, 8)),
                         std::string(bytes.substr(note_head_size + note_fixed_size, size - note_fixed_size))});
        bytes.remove_prefix(note_head_size + size);
    }
    return notes;
}

} // namespace mogiri
