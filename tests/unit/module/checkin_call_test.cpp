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
    CheckinColumns columns;
    for (const CheckinItem& item : {entry, entry, exit}) {
        call.add(42, item);
        columns.add(42, item);
    }
    const auto arguments = call.arguments();
    EXPECT_THAT(std::vector<std::string_view>(arguments.begin(), arguments.end()),
                ElementsAre("FCALL", "mogiri_checkin", "7", "{1}:ready", "{1}:scans", "{1}:totals:2", "{1}:live:2",
                            "{1}:t:42", "{1}:t:42", "{1}:t:42", "run", "77", "3 2 2 0 1500 400 1 0", columns.groups,
                            columns.serials, columns.places, columns.deadlines));
}

TEST(CheckinCall, TellsWhatIsMoreOfEachScanWhereAnyHasSome) {
    const EventSettings settings = EventSettings::parse(sample_event);
    CheckinCall call(settings, {.day = 1}, "run", 0);
    call.add(1, {.nonce_digest = nonce_digest("a")});
    call.add(2, {.nonce_digest = nonce_digest("b"), .flags = scan_flags::offline, .device_ms = 5});
    call.add(3, {.nonce_digest = nonce_digest("c")});
    const auto arguments = call.arguments();
    ASSERT_EQ(arguments.size(), 3U + 7 + 7 + 3);
    EXPECT_EQ(arguments[17], "");
    EXPECT_EQ(arguments[18], std::string("\x20\0\0\0\0\0\5", 7));
    EXPECT_EQ(arguments[19], "");
}

TEST(CheckinCall, NamesTheWindow) {
    const EventSettings settings = EventSettings::parse(sample_event);
    const auto window_argument = [&](Window window) {
        CheckinCall call(settings, {.day = 1, .window = window}, "run", 0);
        return std::string(call.arguments()[9]).substr(4, 1);
    };
    EXPECT_EQ(window_argument(Window::open), "0");
    EXPECT_EQ(window_argument(Window::not_yet), "1");
    EXPECT_EQ(window_argument(Window::over), "2");
}

} // namespace
} // namespace mogiri::module
