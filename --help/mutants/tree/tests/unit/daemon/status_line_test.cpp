// The status line tells trouble, and forgets it when it does not come back.
#include "status_line.hpp"

#include <gtest/gtest.h>

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

TEST(StatusLine, tells_how_things_stand_and_what_is_in_the_way) {
    const auto now = StatusLine::Clock::now();
    StatusLine line;
    EXPECT_EQ(line.text(now), "starting");
    line.set("keeper", "1 of 1 events ready");
    line.trouble("road", "disk full", now);
    EXPECT_EQ(line.text(now), "1 of 1 events ready; road waits: disk full");
    line.trouble("mail 1", "disk full", now);
    EXPECT_EQ(line.text(now), "1 of 1 events ready; mail 1, road wait: disk full");
    EXPECT_EQ(line.text(now + 16s), "1 of 1 events ready");
}

TEST(StatusLine, does_not_repeat_what_the_teller_cannot_see_any_more) {
    const auto now = StatusLine::Clock::now();
    StatusLine line;
    line.set("keeper", "1 of 1 events ready");
    line.trouble("keeper", "Redis: Connection refused", now);
    EXPECT_EQ(line.text(now), "keeper waits: Redis: Connection refused");
    line.set("keeper", "1 of 1 events ready");
    EXPECT_EQ(line.text(now), "1 of 1 events ready");
}

TEST(StatusLine, tells_trouble_at_the_start) {
    const auto now = StatusLine::Clock::now();
    StatusLine line;
    line.trouble("keeper", "no Redis", now);
    EXPECT_EQ(line.text(now), "starting; keeper waits: no Redis");
}

} // namespace

} // namespace mogiri::daemon
