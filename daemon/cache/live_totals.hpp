// What the door counts itself for each day of an event, ahead of the ledger, as Redis has it.
#pragma once

#include <event_settings.hpp>
#include <json_owner.hpp>

#include "../ledger/day_totals.hpp"
#include "../redis.hpp"

namespace mogiri::daemon {

// Zeros when nobody was scanned. Throws what Redis::command throws.
DayTotals live_totals(Redis& redis, std::uint32_t event, std::uint8_t day);

// [{"day","inside","entered","left"}], of every day of the event.
Json live_figures(Redis& redis, const EventSettings& event);

} // namespace mogiri::daemon
