// What a scanner sends to POST /api/v1/checkin, taken apart and checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/contract/checkin.hpp"
#include "daemon/contract/event_settings.hpp"
#include "http/problem.hpp"

namespace mogiri::module {

inline constexpr std::size_t longest_nonce = 64; // printable ASCII characters

struct Scan {
    std::string code;
    Direction direction = Direction::entry;
    std::string nonce;
    std::optional<std::string> gate; // a gate's id; the device's own gate without it
};

// A scan, or the 400 or 422 that answers what is none. Messages in `language`.
std::variant<Scan, Problem> parse_scan(std::string_view json, Language language);

// What is wrong with a gate that the event does not have.
Problem unknown_gate(Language language);

} // namespace mogiri::module
