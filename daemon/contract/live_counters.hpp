// What screens at the gates show of a day: the string `{e}:live:<day>`, counted in Redis with every batch of scans.
//
// All numbers 4 bytes, big endian, but a gate's:
//   0      entries that were taken back, undone at the door or given back by staff; 4: exits that were undone
//   8      refusals by reason, the outcomes 10 to 18 of checkin.hpp
//   44     the latest minute in which somebody scanned, counted from 1970; 48: the scans of that minute and of the nine
//          before it, the latest first
//   88     per gate: number 2, entries 4, exits 4, as they were scanned
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mogiri {

struct GateCount {
    std::uint16_t gate = 0;
    std::uint32_t entered = 0, exited = 0;
    bool operator==(const GateCount&) const = default;
};

struct LiveCounters {
    static constexpr std::uint8_t first_refusal = 10; // a CheckinOutcome

    std::uint32_t undone_entries = 0, undone_exits = 0;
    std::array<std::uint32_t, 9> refused{};
    std::int64_t minute = 0;
    std::array<std::uint32_t, 10> scans{};
    std::vector<GateCount> gates;
    bool operator==(const LiveCounters&) const = default;

    // In the minute that many minutes before the one of `now_ms`; 0 where nothing is known any more.
    std::uint32_t scans_in(std::int64_t now_ms, std::size_t minutes_ago) const;
};

std::string encode(const LiveCounters& counters);
std::optional<LiveCounters> decode_live_counters(std::string_view bytes);

} // namespace mogiri
