// How jobs are called on the command line.
#include <gtest/gtest.h>

#include "ctl/exit_status.hpp"
#include "ctl/jobs/job_id.hpp"

namespace mogiri::daemon {

namespace {

TEST(JobId, NamesAreRead) {
    const JobId road = parse_job_id("12/1781913600000-3");
    EXPECT_EQ(road.kind, JobId::Kind::road);
    EXPECT_EQ(road_job_id(road.event, road.stream_id), "12/1781913600000-3");
    EXPECT_EQ(parse_job_id("d3").kind, JobId::Kind::letter);
    EXPECT_EQ(parse_job_id("d3").number, 3);
    EXPECT_EQ(parse_job_id("m17").kind, JobId::Kind::mail);
    EXPECT_EQ(parse_job_id("m17").number, 17);
}

TEST(JobId, EverythingElseIsRefused) {
    for (const char* wrong : {"", "3", "d", "d-3", "d0", "m1x", "x3", "1/2", "1/2-", "/1-2", "1/-2",
                              "1/1-2-3", "1/1-2 ", "1/*", "1-2/3"})
        EXPECT_THROW(parse_job_id(wrong), CommandFailure) << wrong;
}

} // namespace

} // namespace mogiri::daemon
