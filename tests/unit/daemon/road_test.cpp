// A batch's whole story between a real Redis and a real PostgreSQL.
#include <gtest/gtest.h>

#include <redis_keys.hpp>

#include "cache/keeper.hpp"
#include "festival.hpp"
#include "road/road.hpp"
#include "servers.hpp"

namespace mogiri::daemon {

namespace {

class OnTheRoad : public ::testing::Test {
  protected:
    OnTheRoad()
        : configuration_(Servers::running().fresh()), database_(configuration_.database, "unit"),
          redis_(configuration_.redis) {
        store_sample_event(database_);
        StatusLine status;
        Keeper(configuration_, pulse_, status).look();
    }

    // As mogiri_apply leaves it; what it stores under the application's key is not needed here.
    void send(const std::string& payload) {
        redis_.command({"XADD", redis_keys::jobs(1), "*", "apply", payload});
    }

    std::vector<ClaimedJob> claim() {
        JobStream stream(redis_, "unit", 128);
        stream.follow({1});
        return stream.claim_new(std::chrono::milliseconds(10));
    }

    std::string stored(int n) {
        return redis_.command({"GET", redis_keys::application(1, application_id(n))}).string();
    }
    std::int64_t length(const std::string& stream) { return redis_.command({"XLEN", stream}).integer(); }
    std::int64_t count(const char* sql) { return database_.query(sql)[0].number(0); }

    Configuration configuration_;
    Database database_;
    Redis redis_;
    Pulse pulse_;
};

TEST_F(OnTheRoad, IsPublishedAnsweredMailedAndAcknowledged) {
    send(encode(application(1, 12, 2)));
    send(encode(application(2, 12)));
    Road(configuration_, 1, pulse_).carry(claim());
    EXPECT_EQ(stored(1), std::string(32, '0') + encode(Answer{application_id(1), Decision::issued, 2}));
    EXPECT_EQ(stored(2),
              std::string(32, '0') + encode(Answer{application_id(2), Decision::limit_reached, 0}));
    EXPECT_EQ(length(redis_keys::jobs(1)), 0);
    EXPECT_EQ(length(redis_keys::mail(1)), 1);
    EXPECT_EQ(count("SELECT count(*) FROM cache_outbox WHERE kind = 'ticket'"), 0);
    for (Row row : database_.query("SELECT serial FROM ticket"))
        EXPECT_FALSE(redis_.command({"GET", redis_keys::ticket(1, static_cast<std::uint64_t>(row.number(0)))})
                         .is_nil());
}

// A daemon that died between its commit and its answer: the next one answers the same and issues nothing
// more.
TEST_F(OnTheRoad, AJobCarriedTwiceIsOneApplication) {
    send(encode(application(1, 12, 2)));
    const std::vector<ClaimedJob> jobs = claim();
    Road(configuration_, 1, pulse_).carry(jobs);
    const std::string answer = stored(1);
    Road(configuration_, 1, pulse_).carry(jobs);
    EXPECT_EQ(stored(1), answer);
    EXPECT_EQ(count("SELECT count(*) FROM ticket"), 2);
    EXPECT_EQ(length(redis_keys::mail(1)), 1);
}

TEST_F(OnTheRoad, OneFaultyJobDoesNotStopItsBatchAndIsBuriedAfterFive) {
    database_.script("ALTER TABLE ticket ADD CHECK (guest_name <> 'poison')");
    ApplyJob poison = application(2, 13);
    poison.guests = {"poison"};
    send(encode(application(1, 12)));
    send(encode(poison));
    send(encode(application(3, 14)));
    send("{broken");
    Road road(configuration_, 1, pulse_);
    const std::vector<ClaimedJob> jobs = claim();
    road.carry(jobs);
    EXPECT_NE(stored(1), "");
    EXPECT_NE(stored(3), "");
    EXPECT_EQ(stored(2), "");
    EXPECT_EQ(length(redis_keys::jobs(1)), 2);
    for (int fault = 2; fault <= Graveyard::faults_allowed; ++fault)
        road.carry({jobs[1], jobs[3]});
    EXPECT_EQ(stored(2), std::string(32, '0') + encode(Answer{application_id(2), Decision::failed, 0}));
    EXPECT_EQ(length(redis_keys::jobs(1)), 0);
    EXPECT_EQ(count("SELECT count(*) FROM dead_letter WHERE faults = 5"), 2);
    EXPECT_EQ(count("SELECT count(*) FROM alert WHERE kind = 'dead_letter'"), 2);
    EXPECT_EQ(count("SELECT count(*) FROM mail_outbox WHERE kind = 'failed'"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM job_fault"), 0);
}

// A table that is locked away is the moment's fault, not the job's.
TEST_F(OnTheRoad, OutageCountsAgainstNobody) {
    send(encode(application(1, 12)));
    const std::vector<ClaimedJob> jobs = claim();
    database_.script("ALTER TABLE ticket RENAME TO ticket_away");
    Road road(configuration_, 1, pulse_);
    EXPECT_THROW(road.carry(jobs), RefusedStatement);
    EXPECT_EQ(count("SELECT count(*) FROM job_fault"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM application"), 0);
    database_.script("ALTER TABLE ticket_away RENAME TO ticket");
    road.carry(jobs);
    EXPECT_NE(stored(1), "");
}

TEST_F(OnTheRoad, AnAbandonedJobIsTakenOver) {
    send(encode(application(1, 12)));
    JobStream dead(redis_, "dead", 128), alive(redis_, "alive", 128);
    dead.follow({1});
    alive.follow({1});
    const std::vector<ClaimedJob> jobs = dead.claim_new(std::chrono::milliseconds(10));
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_TRUE(alive.claim_abandoned().empty());
    redis_.command({"XCLAIM", redis_keys::jobs(1), redis_keys::road_group, "dead", "0", jobs[0].stream_id,
                    "IDLE", "10001", "JUSTID"});
    EXPECT_EQ(alive.claim_abandoned().size(), 1U);
    EXPECT_EQ(dead.claim_own().size(), 0U);
    EXPECT_EQ(alive.claim_own().size(), 1U);
}

} // namespace

} // namespace mogiri::daemon
