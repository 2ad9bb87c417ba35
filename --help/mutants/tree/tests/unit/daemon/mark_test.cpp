// When an event must be rebuilt in Redis.
#include <gtest/gtest.h>

#include <ready_mark.hpp>

#include "cache/mark.hpp"

namespace mogiri::daemon {

namespace {

std::string mark(std::uint64_t epoch, std::uint64_t batch) {
    return encode(ReadyMark{std::string(40, 'c'), epoch, 5, batch});
}

TEST(Mark, AsMuchAsKnownNeedsNothing) {
    EXPECT_FALSE(reason_to_rebuild(mark(2, first_batch(2) + 9), {2, first_batch(2) + 9}));
    EXPECT_FALSE(reason_to_rebuild(mark(2, first_batch(2) + 12), {2, first_batch(2) + 9}));
}

TEST(Mark, MissingRewoundOrOtherEpochIsRebuilt) {
    EXPECT_TRUE(reason_to_rebuild("", {2, first_batch(2)}));
    EXPECT_TRUE(reason_to_rebuild(mark(2, first_batch(2) + 8), {2, first_batch(2) + 9}));
    EXPECT_TRUE(reason_to_rebuild(mark(1, first_batch(1) + 900), {2, first_batch(2)}));
    EXPECT_TRUE(reason_to_rebuild(mark(3, first_batch(3)), {2, first_batch(2)}));
    EXPECT_TRUE(reason_to_rebuild(closed_mark(2), {2, first_batch(2)}));
}

TEST(Mark, ClosedKeepsTheEpochOfWhatSurvives) {
    EXPECT_EQ(epoch_of_mark(closed_mark(7)), 7U);
    EXPECT_EQ(epoch_of_mark(mark(6, first_batch(6))), 6U);
    EXPECT_EQ(epoch_of_mark("closed"), std::nullopt);
    EXPECT_EQ(epoch_of_mark(""), std::nullopt);
    EXPECT_FALSE(decode_ready_mark(closed_mark(7)));
}

} // namespace

} // namespace mogiri::daemon
