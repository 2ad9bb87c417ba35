// What a scanner sends to POST /api/v1/checkin, /undo, /force, and as a line of /batch, taken apart and checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/contract/checkin.hpp"
#include "daemon/contract/event_settings.hpp"
#include "http/problem.hpp"

namespace mogiri::module {

inline constexpr std::size_t longest_nonce = 64;   // printable ASCII characters
inline constexpr std::int64_t longest_reason = 200; // characters

// What a scan at the door says; views of what was sent.
struct ScanWords {
    std::string_view code;
    Direction direction = Direction::entry;
    std::string_view nonce;
    std::optional<std::string_view> gate = {}; // a gate's id; the device's own gate without it
    // of an undo, in place of the code: the ticket's serial
    std::optional<std::uint64_t> ticket = {};
};

struct Scan {
    std::string code;
    Direction direction = Direction::entry;
    std::string nonce;
    std::optional<std::string> gate;
    std::optional<std::uint64_t> ticket = {};
    std::string reason = {}; // of an undo or an entry by force
    // of a scan that was decided offline
    std::int64_t device_ms = 0; // when, by the device's clock
    bool passed = false;        // whether it let somebody pass

    ScanWords words() const { return {code, direction, nonce, gate, ticket}; }
};

enum class ScanKind { scan, undo, force, offline };

// What scanners send to POST /api/v1/checkin, nearly always: an object of nothing but plain strings. Nothing of anything else,
// right or wrong, which is for parse_scan(). Views of `json`.
std::optional<ScanWords> plain_scan(std::string_view json);

// A scan, or the 400 or 422 that answers what is none. Messages in `language`.
std::variant<Scan, Problem> parse_scan(std::string_view json, Language language, ScanKind kind = ScanKind::scan);

// RFC 3339 with any offset, as milliseconds since 1970.
std::optional<std::int64_t> parse_time(std::string_view text);

// What is wrong with a gate that the event does not have.
Problem unknown_gate(Language language);

} // namespace mogiri::module
