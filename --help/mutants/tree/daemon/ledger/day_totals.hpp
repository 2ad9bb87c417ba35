// How many people entered and left on a day and are inside, as of the last drained scan; Redis's
// `{e}:totals:<day>`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "../database.hpp"

namespace mogiri::daemon {

struct DayTotals {
    std::int64_t entered = 0, exited = 0, inside = 0;
    bool operator==(const DayTotals&) const = default;
};

std::string encode(const DayTotals& totals);
// Nothing when it is not three numbers.
std::optional<DayTotals> decode_totals(std::string_view text);

// Of the days on which anybody entered.
std::map<std::uint8_t, DayTotals> ledger_totals(Database& database, std::uint32_t event);

} // namespace mogiri::daemon
