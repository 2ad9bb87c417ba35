// What the door counts itself for each day of an event.
#include "live_totals.hpp"

#include <redis_keys.hpp>

namespace mogiri::daemon {

DayTotals live_totals(Redis& redis, std::uint32_t event, std::uint8_t day) {
    return decode_totals(redis.command({"GET", redis_keys::totals(event, day)}).string())
        .value_or(DayTotals{});
}

Json live_figures(Redis& redis, const EventSettings& event) {
    Json days(json_array());
    for (const EventDay& day : event.days) {
        const DayTotals totals = live_totals(redis, event.number, day.number);
        json_array_append_new(days.get(),
                              json_pack("{s:i, s:I, s:I, s:I}", "day", static_cast<int>(day.number), "inside",
                                        static_cast<json_int_t>(totals.inside), "entered",
                                        static_cast<json_int_t>(totals.entered), "left",
                                        static_cast<json_int_t>(totals.exited)));
    }
    return days;
}

} // namespace mogiri::daemon
