// A batch's whole story between a real Redis and a real PostgreSQL.
#include <gtest/gtest.h>

#include <thread>

#include <redis_keys.hpp>

#include "cache/keeper.hpp"
#include "festival.hpp"
#include "ledger/job_ledger.hpp"
#include "road/hand_over.hpp"
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
        JobStream stream(redis_, applications, "unit", 128);
        stream.follow({1});
        return stream.claim_new(std::chrono::milliseconds(10));
    }

    std::string stored(int n) {
        return redis_.command({"GET", redis_keys::application(1, application_id(n))}).string();
    }
    std::int64_t length(const std::string& stream) { return redis_.command({"XLEN", stream}).integer(); }
    // Faults as often as it takes.
    void bury(Road& road, const std::vector<ClaimedJob>& jobs) {
        for (int fault = 1; fault <= Graveyard::faults_allowed; ++fault)
            road.carry(jobs);
    }
    void carry_out_orders() {
        Graveyard graveyard(database_);
        Orders(redis_, database_, graveyard).carry_out();
    }
    std::string answer(int n, Decision decision, std::int64_t tickets = 0) {
        return std::string(32, '0') + encode(Answer{application_id(n), decision, tickets});
    }

    std::int64_t count(const char* sql) { return database_.query(sql)[0].number(0); }

    Configuration configuration_;
    Database database_;
    Redis redis_;
    Pulse pulse_;
    Rush rush_;
};

TEST_F(OnTheRoad, IsPublishedAnsweredMailedAndAcknowledged) {
    send(encode(application(1, 12, 2)));
    send(encode(application(2, 12)));
    Road(configuration_, 1, pulse_, rush_).carry(claim());
    EXPECT_EQ(stored(1), std::string(32, '0') + encode(Answer{application_id(1), Decision::issued, 2}));
    EXPECT_EQ(stored(2),
              std::string(32, '0') + encode(Answer{application_id(2), Decision::limit_reached, 0}));
    EXPECT_EQ(length(redis_keys::jobs(1)), 0);
    EXPECT_EQ(length(redis_keys::mail(1)), 1);
    EXPECT_EQ(count("SELECT count(*) FROM cache_outbox WHERE kind = 'tickets'"), 0);
    for (Row row : database_.query("SELECT serial FROM ticket"))
        EXPECT_FALSE(redis_.command({"GET", redis_keys::ticket(1, static_cast<std::uint64_t>(row.number(0)))})
                         .is_nil());
}

// Redis does its part while the road is busy with something else.
TEST_F(OnTheRoad, AParcelIsOnItsWayBeforeItIsWaitedFor) {
    send(encode(application(1, 12)));
    const std::vector<ClaimedJob> jobs = claim();
    Redis connection(configuration_.redis);
    HandOver parcel(connection);
    parcel.answer(jobs.front(), {application_id(1), Decision::issued, 1}, std::string(32, '0'), "");
    parcel.mail(1, 7);
    parcel.start();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (length(redis_keys::mail(1)) == 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_EQ(stored(1), answer(1, Decision::issued, 1));
    EXPECT_EQ(length(redis_keys::jobs(1)), 0);
    parcel.finish();
    EXPECT_EQ(connection.command({"PING"}).text(), "PONG");
}

// What Redis confirmed of one batch is noted in the transaction of the next, not in one of its own.
TEST_F(OnTheRoad, WhatRedisConfirmedIsNotedWithTheNextBatch) {
    database_.script(
        "CREATE TABLE noted (transaction text);"
        "CREATE FUNCTION note_it() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO noted VALUES (pg_current_xact_id()::xid::text); RETURN NULL; END';"
        "CREATE TRIGGER note_it AFTER DELETE ON cache_outbox FOR EACH STATEMENT EXECUTE FUNCTION note_it()");
    configuration_.road.batch = 1;
    constexpr int students = 20;
    for (int student = 1; student <= students; ++student)
        send(encode(application(student, student)));
    {
        const std::jthread road(
            [this](const std::stop_token& stop) { Road(configuration_, 1, pulse_, rush_).travel(stop); });
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (count("SELECT count(*) FROM noted") < students && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(count("SELECT count(*) FROM cache_outbox WHERE kind = 'tickets'"), 0);
    EXPECT_GT(count("SELECT count(*) FROM noted JOIN application a ON a.xmin::text = transaction"), 0);
}

TEST_F(OnTheRoad, ManyJobsAtOnceAreARush) {
    send(encode(application(1, 12)));
    Road(configuration_, 1, pulse_, rush_).carry(claim());
    EXPECT_FALSE(rush_.on());
    configuration_.road.batch = 4;
    send(encode(application(2, 13)));
    Road(configuration_, 1, pulse_, rush_).carry(claim());
    EXPECT_TRUE(rush_.on());
}

// A daemon that died between its commit and its answer: the next one answers the same and issues nothing
// more.
TEST_F(OnTheRoad, AJobCarriedTwiceIsOneApplication) {
    send(encode(application(1, 12, 2)));
    const std::vector<ClaimedJob> jobs = claim();
    Road(configuration_, 1, pulse_, rush_).carry(jobs);
    const std::string answer = stored(1);
    Road(configuration_, 1, pulse_, rush_).carry(jobs);
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
    Road road(configuration_, 1, pulse_, rush_);
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

// Two orders, and a daemon that wakes with the old answer in hand: the new decision stays.
TEST_F(OnTheRoad, ADeadLetterIsRetriedOnce) {
    database_.script("ALTER TABLE ticket ADD CONSTRAINT poisoned CHECK (guest_name NOT LIKE '山田%')");
    send(encode(application(1, 12)));
    Road road(configuration_, 1, pulse_, rush_);
    const std::vector<ClaimedJob> jobs = claim();
    bury(road, jobs);
    ASSERT_EQ(stored(1), answer(1, Decision::failed));
    redis_.command({"FLUSHALL"});
    StatusLine status;
    Keeper(configuration_, pulse_, status).look();
    ASSERT_EQ(stored(1), answer(1, Decision::failed)) << "forgotten with Redis's data";
    database_.script("ALTER TABLE ticket DROP CONSTRAINT poisoned");

    JobLedger ledger(database_);
    const Retry retry = ledger.retry_letter(1);
    EXPECT_EQ(ledger.retry_letter(1).order, retry.order);
    EXPECT_FALSE(ledger.outcome(retry.order));
    carry_out_orders();
    EXPECT_EQ(ledger.outcome(retry.order), "done");
    const Retry again = ledger.retry_letter(1);
    EXPECT_NE(again.order, retry.order);
    carry_out_orders();
    EXPECT_EQ(length(redis_keys::jobs(1)), 1);
    EXPECT_EQ(stored(1), std::string(32, '0'));

    HandOver late(redis_);
    late.answer(jobs[0], {application_id(1), Decision::failed, 0}, std::string(32, '0'), "");
    late.send();
    EXPECT_EQ(stored(1), std::string(32, '0'));
    road.carry(claim());
    EXPECT_EQ(stored(1), answer(1, Decision::issued, 1));
    late.send();
    EXPECT_EQ(stored(1), answer(1, Decision::issued, 1));
    EXPECT_EQ(ledger.retry_letter(1).decided, "issued");
    EXPECT_EQ(count("SELECT count(*) FROM application"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM mail_outbox WHERE kind = 'failed'"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM alert WHERE cleared_at IS NULL"), 0);
}

TEST_F(OnTheRoad, ALetterThatFailedAgainIsRetriedAsTheNewOne) {
    database_.script("ALTER TABLE ticket ADD CHECK (guest_name NOT LIKE '山田%')");
    send(encode(application(1, 12)));
    Road road(configuration_, 1, pulse_, rush_);
    bury(road, claim());
    JobLedger ledger(database_);
    ledger.retry_letter(1);
    carry_out_orders();
    bury(road, claim());
    EXPECT_EQ(stored(1), answer(1, Decision::failed));
    EXPECT_THROW(ledger.retry_letter(1), LedgerRefusal);
    EXPECT_GT(ledger.retry_letter(2).order, 0);
    EXPECT_EQ(count("SELECT count(*) FROM mail_outbox WHERE kind = 'failed'"), 1);
}

// The sysadmin gives up a job that a stopped daemon has in hand: it wakes and finds it failed.
TEST_F(OnTheRoad, ABuriedApplicationIsNotSettledByWhoWakesLate) {
    send(encode(application(1, 12)));
    const std::vector<ClaimedJob> jobs = claim();
    JobLedger ledger(database_);
    const std::int64_t order = ledger.order_burial(1, jobs[0].stream_id, "stuck");
    carry_out_orders();
    EXPECT_EQ(ledger.outcome(order), "done");
    EXPECT_EQ(stored(1), answer(1, Decision::failed));
    Road(configuration_, 1, pulse_, rush_).carry(jobs);
    EXPECT_EQ(stored(1), answer(1, Decision::failed));
    EXPECT_EQ(length(redis_keys::jobs(1)), 0);
    EXPECT_EQ(count("SELECT count(*) FROM application"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM dead_letter WHERE reason = 'stuck' AND resolved_at IS NULL"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM alert WHERE kind = 'dead_letter'"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM mail_outbox WHERE kind = 'failed'"), 1);
    EXPECT_GT(ledger.order_burial(1, jobs[0].stream_id, "again"), order);
    carry_out_orders();
    EXPECT_EQ(count("SELECT count(*) FROM dead_letter"), 1);
}

// Decided, but not answered yet: there is nothing to bury.
TEST_F(OnTheRoad, ADecidedApplicationIsNotBuried) {
    send(encode(application(1, 12)));
    const std::vector<ClaimedJob> jobs = claim();
    ApplicationLedger(database_, 1).settle(std::vector{application(1, 12)});
    JobLedger ledger(database_);
    const std::int64_t order = ledger.order_burial(1, jobs[0].stream_id, "stuck");
    const std::int64_t nowhere = ledger.order_burial(1, "1-0", "stuck");
    carry_out_orders();
    EXPECT_EQ(ledger.outcome(order), "decided");
    EXPECT_EQ(ledger.outcome(nowhere), "gone");
    EXPECT_EQ(stored(1), answer(1, Decision::issued, 1));
    EXPECT_EQ(count("SELECT count(*) FROM dead_letter"), 0);
}

TEST_F(OnTheRoad, MailsAreRetriedAsTheirStateAllows) {
    ApplicationLedger(database_, 1).settle(std::vector{application(1, 12)});
    JobLedger ledger(database_);
    database_.query("UPDATE mail_outbox SET next_at = now() + interval '1 hour'");
    EXPECT_EQ(ledger.retry_mail(1), 1);
    EXPECT_EQ(count("SELECT count(*) FROM mail_outbox WHERE next_at <= now() AND queued_at IS NULL"), 1);
    database_.query("UPDATE mail_outbox SET state = 'failed', next_at = NULL, ended_at = now()");
    const std::int64_t again = ledger.retry_mail(1);
    EXPECT_EQ(ledger.mail(again)->generation, 2);
    EXPECT_EQ(ledger.mail(again)->state, "pending");
    EXPECT_THROW(ledger.retry_mail(1), LedgerRefusal);
    EXPECT_EQ(count("SELECT count(*) FROM mail_outbox"), 2);
}

// A table that is locked away is the moment's fault, not the job's.
TEST_F(OnTheRoad, OutageCountsAgainstNobody) {
    send(encode(application(1, 12)));
    const std::vector<ClaimedJob> jobs = claim();
    database_.script("ALTER TABLE ticket RENAME TO ticket_away");
    Road road(configuration_, 1, pulse_, rush_);
    EXPECT_THROW(road.carry(jobs), RefusedStatement);
    EXPECT_EQ(count("SELECT count(*) FROM job_fault"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM application"), 0);
    database_.script("ALTER TABLE ticket_away RENAME TO ticket");
    road.carry(jobs);
    EXPECT_NE(stored(1), "");
}

TEST_F(OnTheRoad, AnAbandonedJobIsTakenOver) {
    send(encode(application(1, 12)));
    JobStream dead(redis_, applications, "dead", 128), alive(redis_, applications, "alive", 128);
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
