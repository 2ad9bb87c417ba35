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
    undone_entry = 4, // a supervisor took the ticket's latest admission back
    undone_exit = 5,
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
    nothing_to_undo = 21,
    // decided in the worker, never by Redis:
    bad_code = 30,
    wrong_event = 31,
};

// "admitted", "exited" or the reason of a refusal as the API says it.
std::string_view outcome_name(CheckinOutcome outcome);
inline bool is_refusal(CheckinOutcome outcome) {
    return outcome > CheckinOutcome::undone_exit;
}

enum class Direction : char { entry = 'E', exit = 'X' };

// What a supervisor asks for instead of a decision by the rules.
enum class Supervision : std::uint8_t {
    none,
    force, // entry against a refusal
    undo,  // of the ticket's latest admission or exit of the day
};

// Of an item and of a logged scan.
namespace scan_flags {
inline constexpr std::uint8_t double_read = 2;
inline constexpr std::uint8_t forced = 16;  // an admission against a refusal
inline constexpr std::uint8_t offline = 32; // decided by the device, sent later
inline constexpr std::uint8_t skewed = 64;  // whose clock was off
inline constexpr std::uint8_t passed = 128; // and which let somebody pass
} // namespace scan_flags

// One scan of a mogiri_checkin.
struct CheckinItem {
    Direction direction = Direction::entry;
    std::uint16_t gate = 0;
    std::uint32_t device = 0; // 0: a person
    std::string nonce_digest;
    std::int64_t deadline_ms = 0;
    std::uint32_t kinds = 0xffffffff;
    Supervision supervision = Supervision::none;
    std::uint8_t flags = 0;     // offline, skewed, passed
    std::int64_t device_ms = 0; // when the device decided
    std::string note = {};      // a ScanNote's
};

// The scans of a mogiri_checkin, column by column, big endian. Those that ask for the same at the same gate and stand together are
// a group.
struct CheckinColumns {
    std::string groups;    // 14 bytes each: gate 2, direction 1 ('E', 'X', 'F' force, 'U' undo), scans 1, kinds that the gate takes 4,
                           // the earliest of their deadlines 6 (ms since 1970)
    std::string serials;   // 5 each
    std::string places;    // 14 each: gate 2, device 4, nonce digest 8
    std::string deadlines; // 6 each
    // What a scan has besides: flags 1, the device's time 6 (0: none), note; mostly "". As far as the last one that has any.
    std::vector<std::string> more;

    void add(std::uint64_t serial, const CheckinItem& item);
    std::size_t size() const { return serials.size() / 5; }
};
// Whether scans belong into one group.
bool ask_for_the_same(const CheckinItem& one, const CheckinItem& other);

// Who supervises, from where, and why.
struct ScanNote {
    std::string actor;  // "device:3", "account:7"
    std::string origin; // the address
    std::string reason;
};
std::string encode(const ScanNote& note);
std::optional<ScanNote> decode_scan_note(std::string_view text);

// First 8 bytes of the nonce's SHA-256.
std::string nonce_digest(std::string_view nonce);

// One scan's part of the reply. Of a first entry it is the ticket's record as it was before; else 33 bytes and the name:
// outcome 1, flags 1 (1: repeat, 2: double read, 4: has a record, 8: of a test ticket, 16: forced), left 1, inside 1,
// cycle 2, kind 1, time 6, first admission of the day: time 6, gate 2, device 4 (time 0: none); reference 8,
// name
struct CheckinReply {
    CheckinOutcome outcome = CheckinOutcome::unknown;
    bool repeat = false;
    bool double_read = false;
    bool has_ticket = false;
    bool test = false;     // of a test ticket
    bool forced = false;   // admitted against a refusal
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

// `now`: when the batch was decided.
std::optional<CheckinReply> decode_checkin_reply(std::string_view bytes, const CheckinItem& asked, std::int64_t now);

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
    std::uint8_t flags = 0;  // scan_flags
    std::string nonce_digest;
};
inline constexpr std::size_t logged_scan_size = 32;

std::string encode(const LoggedScan& scan);
// Nothing when the length is no multiple of logged_scan_size or an outcome is unknown.
std::optional<std::vector<LoggedScan>> decode_logged_scans(std::string_view bytes);
// The same from field "f" of an entry in which all scans are first entries, column by column: what they have in common, from outcome
// to flags 12, then serials 5 each, then places (gate, device, nonce digest) 14 each. What is none of these comes back as it is.
std::string logged_first_entries(std::string_view bytes);

// What else is known of one scan, field "n" of the entry: place in the entry 2, size of the rest 2, the device's time 6
// (0: none), the refusal that was overridden 1 (0: none), device and nonce digest of the scan that was undone 12, note
struct LoggedNote {
    std::uint16_t place = 0;
    std::int64_t device_ms = 0;
    std::uint8_t overrode = 0;
    std::uint32_t undone_device = 0;
    std::string undone_nonce = std::string(8, '\0'); // zeros where nothing was undone
    std::string note = {};
};

std::string encode(const LoggedNote& note);
// Those that can be read.
std::vector<LoggedNote> decode_logged_notes(std::string_view bytes);

} // namespace mogiri
