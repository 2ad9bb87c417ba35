// What Redis is told, and what it is told again when it has forgotten.
#include <gtest/gtest.h>

#include <ready_mark.hpp>
#include <redis_keys.hpp>
#include <ticket_record.hpp>

#include <algorithm>
#include <cctype>

#include "cache/keeper.hpp"
#include "cache/mark.hpp"
#include "cache/publisher.hpp"
#include "cache/readiness.hpp"
#include "festival.hpp"
#include "ledger/application_ledger.hpp"
#include "ledger/scan_ledger.hpp"
#include "ledger/ticket_ledger.hpp"
#include "scans/scan_drain.hpp"
#include "servers.hpp"

namespace mogiri::daemon {

namespace {

class Cache : public ::testing::Test {
  protected:
    Cache()
        : configuration_(Servers::running().fresh()), database_(configuration_.database, "unit"),
          redis_(configuration_.redis), keeper_(configuration_, pulse_, status_) {
        store_sample_event(database_);
        const auto settled = ApplicationLedger(database_, 1).settle(std::vector{application(1, 12)});
        serial_ = settled[0].tickets[0].serial;
    }

    std::string get(const std::string& key) { return redis_.command({"GET", key}).string(); }
    std::uint64_t epoch() {
        const auto mark = decode_ready_mark(get(redis_keys::ready(1)));
        return mark ? mark->epoch : 0;
    }
    TicketRecord record() { return decode_ticket_record(get(redis_keys::ticket(1, serial_))).value(); }

    void revoke() {
        TicketLedger ledger(database_);
        const auto rows = ledger.revoke({ledger.find(std::to_string(serial_), std::nullopt)}, "lost");
        database_.query("UPDATE cache_outbox SET due_at = now()");
        Publisher(configuration_).publish_due();
        ASSERT_EQ(ledger.unconfirmed(rows), 0);
    }

    void admit() {
        LoggedScan scan;
        scan.serial = serial_;
        scan.device = 2;
        scan.gate = 1;
        scan.outcome = CheckinOutcome::admitted;
        scan.time_ms = 1781913600000;
        scan.day = scan.inside = 1;
        scan.cycle = 1;
        scan.nonce_digest = "12345678";
        redis_.command({"XADD", redis_keys::scans(1), "*", "s", encode(scan)});
    }

    Configuration configuration_;
    Database database_;
    Redis redis_;
    Pulse pulse_;
    StatusLine status_;
    Keeper keeper_;
    std::uint64_t serial_ = 0;
};

TEST_F(Cache, AnEmptyRedisIsBuiltAndArmed) {
    keeper_.look();
    EXPECT_EQ(epoch(), 1U);
    EXPECT_EQ(record().name, "山田 花子 1");
    const EventSettings settings = EventSettings::parse(get(redis_keys::settings(1)));
    EXPECT_EQ(settings.number, 1U);
    EXPECT_TRUE(settings.is_default);
    EXPECT_EQ(settings.days.at(0).opens_ms, 1781913600000); // 9:00 in Tokyo
    keeper_.look();
    EXPECT_EQ(epoch(), 1U);
}

TEST_F(Cache, WhatSurvivesIsDrainedAndWhatWasUsedStaysUsed) {
    keeper_.look();
    admit();
    redis_.command({"DEL", redis_keys::ready(1), redis_keys::ticket(1, serial_)});
    keeper_.look();
    EXPECT_EQ(epoch(), 2U);
    ASSERT_EQ(record().days.size(), 1U);
    EXPECT_EQ(record().days[0], (TicketDayUse{1, 1, 1, 1781913600000, 1, 2}));
    ASSERT_EQ(record().scans.size(), 1U);
    EXPECT_EQ(record().scans[0].nonce_digest, "12345678");
    EXPECT_EQ(get(redis_keys::totals(1, 1)), "1 0 1");
    EXPECT_EQ(get(redis_keys::application(1, application_id(1))),
              std::string(32, '0') + encode(Answer{application_id(1), Decision::issued, 1}));
    EXPECT_EQ(redis_.command({"XLEN", redis_keys::scans(1)}).integer(), 0);
}

TEST_F(Cache, RewoundRedisIsRebuilt) {
    keeper_.look();
    const std::string before = get(redis_keys::ready(1));
    redis_.command({"SET", redis_keys::ready(1), before.substr(0, 63) + "0000004294967999"});
    keeper_.look();
    EXPECT_EQ(epoch(), 1U);
    redis_.command({"SET", redis_keys::ready(1), before});
    keeper_.look();
    EXPECT_EQ(epoch(), 2U);
}

// However soon after the drain: the keeper need not have looked in between.
TEST_F(Cache, RedisThatForgotADrainedScanIsRebuilt) {
    keeper_.look();
    const std::string before = get(redis_keys::ready(1));
    redis_.command({"SET", redis_keys::ready(1), before.substr(0, 63) + "0000004294967999"});
    admit();
    EXPECT_TRUE(ScanDrain(redis_, database_).drain(1));
    redis_.command({"SET", redis_keys::ready(1), before});
    keeper_.look();
    EXPECT_EQ(epoch(), 2U);
}

// Redis lost what only a worker saw acknowledged, while no daemon was there to note it.
TEST_F(Cache, AWorkerThatSawMoreClosesTheDoorForARebuild) {
    keeper_.look();
    EXPECT_THROW(
        redis_.command({"FCALL", "mogiri_apply", "3", redis_keys::ready(1), redis_keys::jobs(1),
                        redis_keys::application(1, application_id(2)), std::string(40, 'o'), "4294967999",
                        "60", "9999999999999", std::string(32, '0'), "100", encode(application(2, 13))}),
        RefusedCommand);
    EXPECT_EQ(get(redis_keys::ready(1)), closed_mark(1));
    keeper_.look();
    EXPECT_EQ(epoch(), 2U);
}

TEST_F(Cache, LostFunctionsMeanARebuild) {
    keeper_.look();
    redis_.command({"FUNCTION", "FLUSH"});
    EXPECT_EQ(library_state(redis_), LibraryState::missing);
    keeper_.look();
    EXPECT_EQ(library_state(redis_), LibraryState::current);
    EXPECT_EQ(epoch(), 2U);
}

TEST_F(Cache, RedisThatMayForgetIsNotMadeReady) {
    redis_.command({"CONFIG", "SET", "appendfsync", "everysec"});
    keeper_.look();
    EXPECT_EQ(epoch(), 0U);
    EXPECT_EQ(database_.query("SELECT count(*) FROM alert WHERE kind = 'redis_settings'")[0].number(0), 1);
    redis_.command({"CONFIG", "SET", "appendfsync", "always"});
    keeper_.look();
    EXPECT_EQ(epoch(), 1U);
    EXPECT_EQ(database_.query("SELECT count(*) FROM alert WHERE cleared_at IS NULL")[0].number(0), 0);
}

TEST_F(Cache, ARevocationStaysWhateverIsPublishedLater) {
    keeper_.look();
    const std::string old = get(redis_keys::ticket(1, serial_));
    revoke();
    EXPECT_TRUE(record().revoked);
    for (const char* mode :
         {"merge", "replace"}) { // a daemon that was stopped with it, a rebuild that read before
        redis_.command({"FCALL", "mogiri_publish", "2", redis_keys::ready(1), redis_keys::ticket(1, serial_),
                        redis_.run_id(), mode, old});
        EXPECT_TRUE(record().revoked) << mode;
    }
    redis_.command({"FLUSHALL"});
    keeper_.look();
    EXPECT_TRUE(record().revoked);
}

// Redis comes back as another process with less than it had, and what is published then lifts its batch
// numbers.
TEST_F(Cache, WhatIsPublishedNeverHidesThatRedisWentBack) {
    keeper_.look();
    const std::string before = get(redis_keys::ready(1));
    redis_.command({"SET", redis_keys::ready(1), before.substr(0, 63) + "0000004294967297"});
    keeper_.look();
    redis_.command({"SET", redis_keys::ready(1), std::string(40, 'c') + before.substr(40)});
    for (int i = 0; i < 3; ++i) {
        database_.query("INSERT INTO cache_outbox (event, kind, serial) VALUES (1, 'ticket', $1)", {serial_});
        EXPECT_EQ(Publisher(configuration_).publish_due(), 0U);
    }
    keeper_.look();
    EXPECT_EQ(epoch(), 2U);
    EXPECT_GT(Publisher(configuration_).publish_due(), 0U);
}

TEST_F(Cache, ARedisThatRestartedAndLostNothingIsHeardAgainWithoutAnyScan) {
    keeper_.look();
    redis_.command(
        {"SET", redis_keys::ready(1), std::string(40, 'c') + get(redis_keys::ready(1)).substr(40)});
    keeper_.look();
    EXPECT_EQ(epoch(), 1U);
    EXPECT_EQ(get(redis_keys::ready(1)).substr(0, 40), redis_.run_id());
    revoke();
}

// Redis comes back with what it held just before, and nobody but the publisher has heard of the batch it
// lost.
TEST_F(Cache, ARevocationThatRedisForgetsIsKnownToBeLost) {
    keeper_.look();
    const std::string mark = get(redis_keys::ready(1)), old = get(redis_keys::ticket(1, serial_));
    revoke();
    redis_.command({"MSET", redis_keys::ready(1), mark, redis_keys::ticket(1, serial_), old});
    keeper_.look();
    EXPECT_TRUE(record().revoked);
    EXPECT_EQ(epoch(), 2U);
}

TEST_F(Cache, RevokedTicketsAreFoundByReferenceAndSerialAndStayOneRevocation) {
    TicketLedger ledger(database_);
    const TicketRow ticket = ledger.find(std::to_string(serial_), std::nullopt);
    std::string typed = ticket.reference;
    std::ranges::transform(typed, typed.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_EQ(ledger.find(typed, 1).serial, ticket.serial);
    EXPECT_THROW(ledger.find(ticket.reference, 2), LedgerRefusal);
    EXPECT_THROW(ledger.find("no ticket", std::nullopt), LedgerRefusal);
    EXPECT_EQ(ledger.revoke({ticket, ticket}, "lost").size(), 1U);
    ledger.revoke({ticket}, "again");
    EXPECT_EQ(ledger.find(ticket.reference, 1).version, 2);
    ASSERT_EQ(ledger.changes(ticket).size(), 1U);
    EXPECT_EQ(ledger.changes(ticket)[0].reason, "lost");
}

TEST_F(Cache, RowsOfAClosedDoorWait) {
    database_.query("UPDATE cache_outbox SET due_at = now()");
    keeper_.look();
    redis_.command({"DEL", redis_keys::ready(1)});
    Publisher publisher(configuration_);
    EXPECT_EQ(publisher.publish_due(), 0U);
    keeper_.look();
    EXPECT_EQ(publisher.publish_due(), 2U);
}

} // namespace

} // namespace mogiri::daemon
