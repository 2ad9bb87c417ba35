// The arguments of mogiri_checkin, in the order of WIRE.md.
#include "module/door/checkin_call.hpp"

#include <gmock/gmock.h>

#include "../contract/sample_event.hpp"

namespace mogiri::module {
namespace {

using ::testing::ElementsAre;

TEST(CheckinCall, PutsKeysBeforeRulesBeforeItems) {
    EventSettings settings = EventSettings::parse(sample_event);
    settings.venue_capacity = 400;
    settings.double_read_ms = 1500;
    settings.reentry = false;
    settings.kinds[1].days = {1};
    CheckinItem entry;
    entry.nonce_digest = nonce_digest("n-1");
    CheckinItem exit = entry;
    exit.direction = Direction::exit;

    CheckinCall call(settings, {.day = 2, .window = Window::over}, "run", 77);
    call.add(42, entry);
    call.add(42, exit);
    const auto arguments = call.arguments();
    EXPECT_THAT(std::vector<std::string_view>(arguments.begin(), arguments.end()),
                ElementsAre("FCALL", "mogiri_checkin", "5", "{1}:ready", "{1}:scans", "{1}:totals:2",
                            "{1}:t:42", "{1}:t:42", "run", "77", "3", "2", "2", "0", "1500", "400", "1", "0",
                            encode(42, entry), encode(42, exit)));
}

TEST(CheckinCall, NamesTheWindow) {
    const EventSettings settings = EventSettings::parse(sample_event);
    const auto window_argument = [&](Window window) {
        CheckinCall call(settings, {.day = 1, .window = window}, "run", 0);
        return std::string(call.arguments()[10]);
    };
    EXPECT_EQ(window_argument(Window::open), "0");
    EXPECT_EQ(window_argument(Window::not_yet), "1");
    EXPECT_EQ(window_argument(Window::over), "2");
}

} // namespace
} // namespace mogiri::module
