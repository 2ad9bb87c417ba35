// The string `{e}:ready`: which Redis process holds which state of the event.
//
//   "<run_id: 40> <epoch: 10 digits> <settings version: 10 digits> <batch: 16 digits>", 79 bytes
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mogiri {

struct ReadyMark {
    std::string run_id; // of Redis, as INFO server says, 40 hex digits
    std::uint64_t epoch = 0;
    std::uint64_t settings = 0;
    std::uint64_t batch = 0; // raised by every writing function
};

// The batch numbers of an epoch begin here, so that a rebuild always lifts them.
constexpr std::uint64_t first_batch(std::uint64_t epoch) {
    return epoch << 32;
}

std::string encode(const ReadyMark& mark);
std::optional<ReadyMark> decode_ready_mark(std::string_view text);

} // namespace mogiri
