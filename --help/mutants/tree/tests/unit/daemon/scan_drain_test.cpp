// The scan log on its way into the ledger: once and in order, whoever dies, sleeps or contradicts.
#include <gtest/gtest.h>

#include <ready_mark.hpp>
#include <redis_keys.hpp>

#include <future>

#include "cache/mark.hpp"
#include "festival.hpp"
#include "scans/scan_drain.hpp"
#include "servers.hpp"

namespace mogiri::daemon {

namespace {

class Drain : public ::testing::Test {
  protected:
    Drain() {
        store_sample_event(database_);
        arm(1);
    }

    void arm(std::uint64_t epoch) {
        redis_.command({"SET", redis_keys::ready(1),
                        encode(ReadyMark{std::string(40, 'c'), epoch, 1, first_batch(epoch) + 7})});
    }
    void log(const std::string& scans, const std::string& id = "*") {
        redis_.command({"XADD", redis_keys::scans(1), id, "s", scans});
    }
    std::int64_t waiting() { return redis_.command({"XLEN", redis_keys::scans(1)}).integer(); }
    std::int64_t count(const std::string& what) {
        return database_.query(("SELECT " + what).c_str())[0].number(0);
    }

    static std::string scan(std::uint64_t serial, CheckinOutcome outcome, std::uint16_t cycle,
                            std::uint8_t inside, std::uint32_t device = 2) {
        LoggedScan scan;
        scan.serial = serial;
        scan.device = device;
        scan.gate = 1;
        scan.direction = outcome == CheckinOutcome::exited ? Direction::exit : Direction::entry;
        scan.outcome = outcome;
        scan.time_ms = 1781913600123;
        scan.day = 1;
        scan.cycle = cycle;
        scan.inside = inside;
        scan.nonce_digest = "12345678";
        return encode(scan);
    }
    static std::string in(std::uint64_t serial, std::uint16_t cycle, std::uint32_t device = 2) {
        return scan(serial, CheckinOutcome::admitted, cycle, 1, device);
    }
    static std::string out(std::uint64_t serial, std::uint16_t cycle) {
        return scan(serial, CheckinOutcome::exited, cycle, 0);
    }

    Configuration configuration_ = Servers::running().fresh();
    Database database_{configuration_.database, "unit"};
    Redis redis_{configuration_.redis};
    ScanDrain drain_{redis_, database_};
};

// Killed between its commit and its XDEL, a drainer leaves entries that the next one finds stored.
TEST_F(Drain, WhatWasCommittedAndNotRemovedCountsOnce) {
    log(in(7, 1), "1000-0");
    ScanLedger(database_).store(1, 1, {{1000, 0, in(7, 1)}});
    log(out(7, 1), "1000-1");
    EXPECT_TRUE(drain_.drain(1));
    EXPECT_EQ(waiting(), 0);
    EXPECT_EQ(count("count(*) FROM scan"), 2);
    EXPECT_EQ(count("count(*) FROM admission"), 1);
    EXPECT_EQ(count("inside * 10 + cycle FROM ticket_day"), 1);
    EXPECT_EQ(count("count(*) FROM scan_conflict"), 0);
}

// Stopped inside its transaction, it keeps the others away until PostgreSQL takes the lock from it; it
// removes nothing when it wakes.
TEST_F(Drain, ASleepingDrainerLosesItsLockAndItsSay) {
    Database asleep(configuration_.database, "unit asleep");
    asleep.query("SET idle_in_transaction_session_timeout = '300ms'");
    asleep.query("BEGIN");
    ScanLedger sleeper(asleep);
    ASSERT_TRUE(sleeper.lock(1, false));
    log(in(7, 1));
    EXPECT_FALSE(drain_.drain(1));
    EXPECT_EQ(waiting(), 1);
    drain_.drain_empty(1); // waits for the lock
    EXPECT_EQ(waiting(), 0);
    EXPECT_THROW(sleeper.store(1, 1, {{1000, 0, in(8, 1)}}), LostDatabase);
    EXPECT_EQ(count("count(*) FROM scan"), 1);
}

// Two at once, as after a sleep between commit and XDEL: each entry is stored by one of them, in order.
TEST_F(Drain, TwoDrainersShareAndDoubleNothing) {
    constexpr int rounds = 300;
    const auto drain_all = [this] {
        Redis redis(configuration_.redis);
        Database database(configuration_.database, "unit drainer");
        ScanDrain(redis, database).drain_empty(1);
    };
    for (int i = 1; i <= rounds; ++i) {
        log(in(7, static_cast<std::uint16_t>(i)) + out(7, static_cast<std::uint16_t>(i)));
        log(in(8, static_cast<std::uint16_t>(i)));
        log(out(8, static_cast<std::uint16_t>(i)));
    }
    {
        const auto one = std::async(std::launch::async, drain_all);
        const auto two = std::async(std::launch::async, drain_all);
    }
    EXPECT_EQ(count("count(*) FROM scan"), 4 * rounds);
    EXPECT_EQ(count("count(*) FROM admission"), 2 * rounds);
    EXPECT_EQ(count("sum(inside * 1000 + cycle) FROM ticket_day"), 2 * rounds);
    EXPECT_EQ(count("count(*) FROM scan_conflict"), 0);
}

TEST_F(Drain, AnEntrysIdCountsAnewInAnotherEpoch) {
    log(in(7, 1), "1000-0");
    drain_.drain(1);
    redis_.command({"FLUSHALL"});
    arm(2);
    log(out(7, 1), "1000-0");
    drain_.drain(1);
    EXPECT_EQ(count("count(*) FROM scan"), 2);
    EXPECT_EQ(count("count(*) FROM scan WHERE epoch = 2 AND outcome = 2"), 1);
    EXPECT_EQ(count("inside FROM ticket_day"), 0);
}

// A rebuild has closed the mark: what survives belongs to the epoch that it still tells, not to the ledger's.
TEST_F(Drain, WhatSurvivesIsOfTheEpochItWasMadeIn) {
    log(in(7, 1), "1000-0");
    ScanLedger(database_).store(1, 1, {{1000, 0, in(7, 1)}});
    redis_.command({"SET", redis_keys::ready(1), closed_mark(1)});
    database_.query("INSERT INTO cache_state (event, epoch) VALUES (1, 2)");
    drain_.drain_empty(1);
    EXPECT_EQ(count("count(*) FROM scan"), 1);
}

TEST_F(Drain, OneTicketMayComeOftenInAnEntry) {
    log(in(7, 1) + out(7, 1) + in(7, 2) + scan(7, CheckinOutcome::already_inside, 2, 1));
    drain_.drain(1);
    EXPECT_EQ(count("count(*) FROM scan"), 4);
    EXPECT_EQ(count("count(*) FROM admission"), 2);
    EXPECT_EQ(count("inside * 10 + cycle FROM ticket_day"), 12);
    EXPECT_EQ(count("count(*) FROM scan_conflict"), 0);
}

TEST_F(Drain, AContradictionStopsNothing) {
    log(in(7, 1) + in(7, 1) + in(8, 1), "1000-0");
    log(in(7, 1) + in(9, 1), "1001-0");
    drain_.drain(1);
    EXPECT_EQ(waiting(), 0);
    EXPECT_EQ(count("count(*) FROM scan"), 5);
    EXPECT_EQ(count("count(*) FROM admission"), 3);
    EXPECT_EQ(count("count(*) FROM scan_conflict WHERE reason = 'admitted_twice' AND serial = 7"), 2);
    EXPECT_EQ(count("count(*) FROM alert WHERE kind = 'scan_conflict'"), 1);
}

// PostgreSQL's integer ends below the last device number that the log can hold.
TEST_F(Drain, AScanThatTheLedgerRefusesStandsAlone) {
    log(in(7, 1) + in(8, 1, 0xffffffff) + in(9, 1), "1000-0");
    log(out(7, 1), "1001-0");
    drain_.drain(1);
    EXPECT_EQ(waiting(), 0);
    EXPECT_EQ(count("count(*) FROM scan"), 3);
    EXPECT_EQ(count("sum(place * 10 + inside) FROM scan WHERE serial = 9"), 21);
    EXPECT_EQ(count("inside FROM ticket_day WHERE serial = 7"), 0);
    EXPECT_EQ(
        count("count(*) FROM scan_conflict WHERE reason = 'unreadable' AND stream_ms = 1000 AND place = 1 "
              "AND length(unreadable) = 32"),
        1);
}

TEST_F(Drain, AnUnreadableScanStandsAlone) {
    std::string strange = in(8, 1);
    strange[20] = 99; // no such outcome
    log(in(7, 1) + strange + in(9, 1) + "tail");
    redis_.command({"XADD", redis_keys::scans(1), "*", "other", "field"});
    log(out(9, 1));
    drain_.drain(1);
    EXPECT_EQ(waiting(), 0);
    EXPECT_EQ(count("count(*) FROM scan"), 3);
    EXPECT_EQ(count("count(*) FROM scan_conflict WHERE reason = 'unreadable'"), 3);
    EXPECT_EQ(count("inside FROM ticket_day WHERE serial = 9"), 0);
}

// The thread, with two events of which one is spoilt.
TEST_F(Drain, OneEventsTroubleDoesNotHoldTheOthers) {
    Json second = sample_definition();
    json_object_set_new(second.get(), "slug", json_string("second"));
    EventLedger(database_).store_event(second.get(), false);
    redis_.command({"SET", redis_keys::scans(1), "no stream"});
    redis_.command(
        {"SET", redis_keys::ready(2), encode(ReadyMark{std::string(40, 'c'), 1, 1, first_batch(1)})});
    redis_.command({"XADD", redis_keys::scans(2), "*", "s", in(7, 1)});
    Pulse pulse;
    std::stop_source stop;
    EXPECT_THROW(drain_scans(configuration_, pulse, stop.get_token()), RefusedCommand);
    EXPECT_EQ(count("count(*) FROM scan WHERE event = 2"), 1);
}

} // namespace

} // namespace mogiri::daemon
