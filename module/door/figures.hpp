// The door's live figures as JSON, from what Redis counts with every scan.
//
// Pure functions: no nginx, no Redis.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/contract/event_settings.hpp"

namespace mogiri::module {

// The keys that mogiri_live is asked for: the day's live counters, then the totals of each of the event's days.
std::vector<std::string> figure_keys(const EventSettings& settings, std::uint8_t day);

// {"event","day","entered","exited","inside","undone":{"entries","exits"},"gates":[{"gate","entered","exited"}],
// "refused":{reason: n},"scans_per_minute":[n, …],"days":[{"day","entered","exited","inside"}]}. `values`: of these keys,
// "" where Redis has none. The minutes are those before `now_ms`, the latest first.
std::string figures_json(const EventSettings& settings, std::uint8_t day, std::int64_t now_ms,
                         std::span<const std::string_view> values);

} // namespace mogiri::module
