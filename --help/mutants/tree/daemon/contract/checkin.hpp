// A scan at the door on its way into mogiri_checkin and back, and as it stands in the scan log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mogiri {

enum class CheckinOutcome : std::uint8_t {
    admitted = 1,
    exited = 2,
    given_back = 3, // in logs and records only: staff gave an admission back, by no device
    unknown = 10,
    revoked = 11,
    already_inside = 12,
    allowance_used = 13,
    not_inside = 14,
    not_yet = 15,
    over = 16,
    wrong_gate = 17,
    venue_full = 18,
    late = 19,    // past its deadline: nothing was decided, its client has a 503 already
    damaged = 20, // what Redis holds under the ticket's key is no record: nothing was decided
    // decided in the worker, never by Redis:
    bad_code = 30,
    wrong_event = 31,
};

// "admitted", "exited" or the reason of a refusal as the API says it.
std::string_view outcome_name(CheckinOutcome outcome);
inline bool is_refusal(CheckinOutcome outcome) {
    return outcome > CheckinOutcome::given_back;
}

enum class Direction : char { entry = 'E', exit = 'X' };

// One scan among the arguments of mogiri_checkin, 30 bytes, big endian; it begins as the logged scan does:
// serial 5, gate 2, device 4, nonce digest 8, direction 1, deadline 6 (ms since 1970), kinds that the gate
// takes 4
struct CheckinItem {
    Direction direction = Direction::entry;
    std::uint16_t gate = 0;
    std::uint32_t device = 0;
    std::string nonce_digest;
    std::int64_t deadline_ms = 0;
    std::uint32_t kinds = 0xffffffff;
};
inline constexpr std::size_t checkin_item_size = 30;

std::string encode(std::uint64_t serial, const CheckinItem& item);

// First 8 bytes of the nonce's SHA-256.
std::string nonce_digest(std::string_view nonce);

// One scan's part of the reply, 33 bytes and the name:
// outcome 1, flags 1 (1: repeat, 2: double read, 4: has a record, 8: of a test ticket), left 1, inside 1,
// cycle 2, kind 1, time 6, first admission of the day: time 6, gate 2, device 4 (time 0: none); reference 8,
// name
struct CheckinReply {
    CheckinOutcome outcome = CheckinOutcome::unknown;
    bool repeat = false;
    bool double_read = false;
    bool has_ticket = false;
    bool test = false;     // of a test ticket
    std::uint8_t left = 0; // people of this ticket who may still come in now
    std::uint8_t inside = 0;
    std::uint16_t cycle = 0;
    std::uint8_t kind = 0;
    std::int64_t time_ms = 0; // of the decision; of the first one when repeated
    std::int64_t first_ms = 0;
    std::uint16_t first_gate = 0;
    std::uint32_t first_device = 0;
    std::string_view reference, name; // point into the reply that was decoded
};

std::optional<CheckinReply> decode_checkin_reply(std::string_view bytes);

// One scan in field "s" of an entry of `{e}:scans`, 32 bytes each, big endian:
// serial 5, gate 2, device 4, nonce digest 8, direction 1, outcome 1, time 6, day 1, cycle 2, inside 1,
// flags 1
struct LoggedScan {
    std::uint64_t serial = 0;
    std::uint32_t device = 0;
    std::uint16_t gate = 0;
    Direction direction = Direction::entry;
    CheckinOutcome outcome = CheckinOutcome::unknown;
    std::int64_t time_ms = 0;
    std::uint8_t day = 0;
    std::uint16_t cycle = 0; // of the admission that was made or left
    std::uint8_t inside = 0; // after the scan
    std::uint8_t flags = 0;  // 2: double read
    std::string nonce_digest;
};
inline constexpr std::size_t logged_scan_size = 32;

std::string encode(const LoggedScan& scan);
// Nothing when the length is no multiple of logged_scan_size or an outcome is unknown.
std::optional<std::vector<LoggedScan>> decode_logged_scans(std::string_view bytes);

} // namespace mogiri
