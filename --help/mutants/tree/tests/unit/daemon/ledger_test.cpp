// The ledger on a real PostgreSQL: events, applications under contention, scans.
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "festival.hpp"
#include "ledger/application_desk.hpp"
#include "ledger/application_ledger.hpp"
#include "ledger/roster_ledger.hpp"
#include "ledger/scan_ledger.hpp"
#include "ledger/schema.hpp"
#include "ledger/ticket_ledger.hpp"
#include "ledger/ticket_renewal.hpp"
#include "servers.hpp"

namespace mogiri::daemon {

namespace {

class Ledger : public ::testing::Test {
  protected:
    Ledger() : configuration_(Servers::running().fresh()), database_(configuration_.database, "unit") {
        store_sample_event(database_);
    }

    std::int64_t count(const char* sql) { return database_.query(sql)[0].number(0); }

    // Between what is decided and its commit there is time for another daemon to decide as well.
    void dawdle_before_commits() {
        database_.script(
            "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END';"
            "CREATE TRIGGER dawdle AFTER INSERT ON ticket FOR EACH STATEMENT EXECUTE FUNCTION dawdle()");
    }

    Configuration configuration_;
    Database database_;
};

TEST_F(Ledger, MigrationsRunOnce) {
    EXPECT_EQ(migrate(database_), 0);
}

// Who is refused, and by which SQLSTATE; empty: nobody was.
std::string refusal(Database& database, const char* sql) {
    try {
        database.query(sql);
        return {};
    } catch (const RefusedStatement& refused) {
        return refused.sqlstate();
    }
}

TEST_F(Ledger, NothingIsOfAnEventThatIsNotThere) {
    ApplicationLedger(database_, 1).settle(std::vector{application(1, 12)});
    for (const char* stray :
         {"INSERT INTO applicant SELECT 99, form, applicant, email, address FROM applicant",
          "UPDATE applicant SET event = 99", "UPDATE application SET event = 99",
          "UPDATE mail_outbox SET event = 99", "UPDATE ticket SET event = 99",
          "INSERT INTO mail_outbox (event, application, kind, recipient, language) "
          "VALUES (1, 'A', 'failed', 'a@example.jp', 'ja'), (99, 'B', 'failed', 'b@example.jp', 'ja')",
          "INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id) "
          "SELECT 99, serial, application, 2, kind, guest_name, reference, key_id FROM ticket",
          "INSERT INTO application (id, event, form, applicant, state, code, tickets, email, language, "
          "fields, guests, "
          "body_hash, submitted_at) SELECT repeat('Z', 26), 99, form, applicant, state, code, tickets, "
          "email, language, "
          "fields, guests, body_hash, submitted_at FROM application"})
        EXPECT_EQ(refusal(database_, stray), "23503") << stray;
}

TEST_F(Ledger, AnEventWithApplicationsStays) {
    const auto new_event = [&] {
        database_.query("INSERT INTO event (number, slug, definition) VALUES (7, 'seven', '{}')");
    };
    new_event();
    EXPECT_EQ(refusal(database_, "DELETE FROM event WHERE number = 7"), "");
    new_event();
    {
        // Whoever writes holds it, before the commit too.
        Database writer(configuration_.database, "unit writer");
        Transaction transaction(writer);
        writer.query("INSERT INTO applicant VALUES (7, 'student', 'S1A1', 'a@example.jp', 'a@example.jp')");
        database_.query("SELECT set_config('lock_timeout', '200', false)");
        EXPECT_EQ(refusal(database_, "DELETE FROM event WHERE number = 7"), "55P03");
        transaction.commit();
    }
    EXPECT_EQ(refusal(database_, "DELETE FROM event WHERE number = 7"), "23503");
    EXPECT_EQ(refusal(database_, "UPDATE event SET number = 8 WHERE number = 7"), "23503");
}

TEST_F(Ledger, APlaceHasOneValidTicket) {
    ApplicationLedger(database_, 1).settle(std::vector{application(1, 12)});
    const char* another =
        "INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id) "
        "SELECT event, nextval('ticket_serial'), application, position, kind, guest_name, "
        "       left(md5(random()::text), 8), key_id FROM ticket LIMIT 1";
    EXPECT_EQ(refusal(database_, another), "23505");
    for (int renewal = 0; renewal < 2; ++renewal) {
        database_.query("UPDATE ticket SET status = 'revoked'");
        EXPECT_EQ(refusal(database_, another), "");
    }
    EXPECT_EQ(refusal(database_, "UPDATE ticket SET status = 'valid'"), "23505");
}

TEST_F(Ledger, ASecondIdenticalEventChangesNothing) {
    EventLedger ledger(database_);
    EXPECT_TRUE(ledger.store_event(sample_definition().get(), false).changes.empty());
    EXPECT_EQ(count("SELECT count(*) FROM cache_outbox"), 1);

    Json changed = sample_definition();
    json_object_set_new(changed.get(), "reentry", json_false());
    EXPECT_EQ(ledger.store_event(changed.get(), true).changes,
              std::vector<std::string>{"reentry: added false"});
    EXPECT_EQ(ledger.events().front().version, 1U);
    EXPECT_EQ(ledger.store_event(changed.get(), false).version, 2U);
    EXPECT_EQ(count("SELECT count(*) FROM cache_outbox"), 2);
}

TEST_F(Ledger, KindsWithTicketsKeepTheirPlace) {
    ApplicationLedger(database_, 1).settle(std::vector{application(1, 12)});
    Json turned = sample_definition();
    json_t* kinds = json_object_get(turned.get(), "kind");
    json_t* first = json_incref(json_array_get(kinds, 0));
    json_array_remove(kinds, 0);
    json_array_append_new(kinds, first);
    EXPECT_THROW(EventLedger(database_).store_event(turned.get(), false), LedgerRefusal);
}

TEST_F(Ledger, AnotherAllowanceGoesToEveryTicket) {
    ApplicationLedger(database_, 1).settle(std::vector{application(1, 12, 2)});
    Json generous = sample_definition();
    json_object_set_new(json_array_get(json_object_get(generous.get(), "kind"), 0), "allowance",
                        json_integer(3));
    EventLedger(database_).store_event(generous.get(), false);
    EXPECT_EQ(count("SELECT count(*) FROM ticket WHERE version = 2"), 2);
    EXPECT_EQ(count("SELECT count(*) FROM cache_outbox WHERE kind = 'ticket' AND due_at <= now()"), 2);
}

TEST_F(Ledger, SettlingAgainChangesNothing) {
    ApplicationLedger ledger(database_, 1);
    const std::vector batch{application(1, 12, 2), application(2, 33), application(1, 12, 2)};
    const auto first = ledger.settle(batch), second = ledger.settle(batch);
    for (const auto& settled : {first, second}) {
        ASSERT_EQ(settled.size(), 3U);
        EXPECT_EQ(settled[0].answer.decision, Decision::issued);
        EXPECT_EQ(settled[0].answer.tickets, 2);
        EXPECT_EQ(settled[1].answer.decision, Decision::unknown_student);
        EXPECT_EQ(settled[2].answer.tickets, 2);
    }
    EXPECT_EQ(first[0].tickets.size(), 2U);
    EXPECT_TRUE(first[0].mail);
    EXPECT_TRUE(second[0].tickets.empty());
    EXPECT_EQ(count("SELECT count(*) FROM application"), 2);
    EXPECT_EQ(count("SELECT count(*) FROM ticket"), 2);
    EXPECT_EQ(count("SELECT count(*) FROM mail_outbox"), 1);
}

// Two daemons, the same applicants in opposite order: nobody gets more than the limit, nobody oversells, no
// deadlock.
TEST_F(Ledger, RacingDaemonsNeitherOversellNorDeadlock) {
    Json scarce = sample_definition();
    json_object_set_new(json_array_get(json_object_get(scarce.get(), "kind"), 0), "capacity",
                        json_integer(35));
    EventLedger(database_).store_event(scarce.get(), false);
    dawdle_before_commits();
    constexpr int rounds = 16;
    std::barrier together(2);
    const auto race = [&](int from, bool forwards) {
        Database database(configuration_.database, "unit racer");
        ApplicationLedger ledger(database, 1);
        for (int round = 0; round < rounds; ++round) {
            std::vector<ApplyJob> batch;
            for (int i = 1; i <= 30; ++i)
                batch.push_back(application(from + round * 100 + i, forwards ? i : 31 - i));
            together.arrive_and_wait();
            EXPECT_NO_THROW(ledger.settle(batch));
        }
    };
    {
        std::jthread one([&] { race(10000, true); });
        std::jthread two([&] { race(20000, false); });
    }
    EXPECT_EQ(count("SELECT count(*) FROM application"), 2 * rounds * 30);
    EXPECT_EQ(count("SELECT count(*) FROM ticket"), 35);
    EXPECT_LE(
        count("SELECT max(n) FROM (SELECT sum(tickets) AS n FROM application GROUP BY applicant) AS sums"),
        2);
}

// Each has come half way through its batch, from its own end, when the lock in the middle is let go.
TEST_F(Ledger, OppositeBatchesDoNotDeadlock) {
    Database holder(configuration_.database, "unit holder");
    holder.query("BEGIN");
    holder.query("SELECT pg_advisory_xact_lock($1)", {applicant_lock(application(1, 15))});
    const auto race = [&](int from, bool forwards) {
        Database database(configuration_.database, "unit racer");
        std::vector<ApplyJob> batch;
        for (int i = 1; i <= 30; ++i)
            batch.push_back(application(from + i, forwards ? i : 31 - i));
        EXPECT_NO_THROW(ApplicationLedger(database, 1).settle(batch));
    };
    std::jthread one([&] { race(10000, true); });
    std::jthread two([&] { race(20000, false); });
    for (int i = 0;
         i < 200 && count("SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
                          "WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted") < 2;
         ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    holder.query("ROLLBACK");
}

TEST_F(Ledger, RacingKindsOfOneDayNeverExceedItsCapacity) {
    Json scarce = sample_definition();
    json_object_set_new(json_array_get(json_object_get(scarce.get(), "day"), 0), "capacity",
                        json_integer(25));
    json_object_set_new(json_array_get(json_object_get(scarce.get(), "kind"), 1), "days",
                        json_pack("[i]", 1));
    EventLedger(database_).store_event(scarce.get(), false);
    dawdle_before_commits();
    const auto race = [&](int from, const char* form) {
        Database database(configuration_.database, "unit racer");
        ApplicationLedger ledger(database, 1);
        for (int i = 1; i <= 20; ++i) {
            ApplyJob job = application(from + i, i);
            if (job.form != form) {
                job.form = form;
                job.applicant = job.email = "teacher" + std::to_string(i) + "@example.jp";
            }
            ledger.settle(std::vector{job});
        }
    };
    {
        std::jthread students([&] { race(10000, "student"); });
        std::jthread teachers([&] { race(20000, "teacher"); });
    }
    EXPECT_EQ(count("SELECT count(*) FROM ticket"), 25);
    EXPECT_EQ(count("SELECT sum(sold) FROM kind_sales"), 25);
}

TEST_F(Ledger, SalesAreCountedWhereTicketsChange) {
    ApplicationLedger(database_, 1).settle(std::vector{application(1, 12, 2), application(2, 13)});
    EXPECT_EQ(count("SELECT sold FROM kind_sales WHERE kind = 'guest'"), 3);
    TicketLedger tickets(database_);
    const auto first = tickets.list(1, "", application_id(1), 10);
    tickets.revoke(first, "test");
    tickets.revoke(first, "again");
    EXPECT_EQ(count("SELECT sold FROM kind_sales WHERE kind = 'guest'"), 1);
}

TEST_F(Ledger, ARosterByListIsAsked) {
    Json listed = sample_definition();
    json_object_set_new(json_array_get(json_object_get(listed.get(), "form"), 0), "roster",
                        json_pack("{s:b}", "list", true));
    EventLedger(database_).store_event(listed.get(), false);
    const auto nothing = [](std::size_t) {};
    RosterLedger roster(database_);
    const std::vector<RosterEntry> entries{{"S2E01", "Taro", "", "S2E"},
                                           {"S2E02", "Jiro", "s2@example.jp", "S2E"}};
    EXPECT_EQ(roster.store(1, "student", entries, true, nothing).added, 2);
    EXPECT_TRUE(roster.list(1, "student", "", 10).empty());
    EXPECT_EQ(roster.store(1, "student", entries, false, nothing).added, 2);
    EXPECT_EQ(roster.store(1, "student", entries, false, nothing).unchanged, 2);
    const auto settled = ApplicationLedger(database_, 1)
                             .settle(std::vector{application(1, 1), application(2, 2), application(3, 3)});
    EXPECT_EQ(settled[0].answer.decision, Decision::issued);
    EXPECT_EQ(settled[1].answer.decision, Decision::address_taken);
    EXPECT_EQ(settled[2].answer.decision, Decision::unknown_student);
    EXPECT_EQ(roster.clear(1, "student"), 2);
}

// Who comes second is refused, or finds nothing left to do; nobody waits for the other for ever.
TEST_F(Ledger, ReissuingAndCancellingDoNotDeadlock) {
    constexpr int rounds = 24;
    std::vector<ApplyJob> batch;
    for (int i = 1; i <= rounds; ++i)
        batch.push_back(application(i, i, 2));
    ApplicationLedger(database_, 1).settle(batch);
    std::barrier together(2);
    std::jthread reissuing([&] {
        Database database(configuration_.database, "unit reissuing");
        for (int i = 1; i <= rounds; ++i) {
            const auto tickets = TicketLedger(database).list(1, "", application_id(i), 10);
            together.arrive_and_wait();
            try {
                TicketRenewal(database, 1).reissue(tickets, {}, "test");
            } catch (const LedgerRefusal&) {
            } catch (const std::exception& failure) {
                ADD_FAILURE() << failure.what();
            }
        }
    });
    for (int i = 1; i <= rounds; ++i) {
        together.arrive_and_wait();
        EXPECT_NO_THROW(ApplicationDesk(database_).cancel({application_id(i)}, "test"));
    }
    reissuing.join();
    EXPECT_EQ(count("SELECT count(*) FROM ticket WHERE status = 'valid'"), 0);
    EXPECT_EQ(count("SELECT sum(sold) FROM kind_sales"), 0);
}

// A daemon that is stopped inside a transaction loses it, and with it the locks that the others wait for.
TEST_F(Ledger, AStoppedDaemonDoesNotKeepItsLocks) {
    Database other(configuration_.database, "unit other");
    database_.query("BEGIN");
    database_.query("SELECT pg_advisory_xact_lock(42)");
    other.query("SELECT pg_advisory_xact_lock(42)");
    EXPECT_THROW(database_.query("SELECT"), LostDatabase);
}

LoggedScan scan(std::uint64_t serial, CheckinOutcome outcome, std::uint16_t cycle, std::uint8_t inside) {
    LoggedScan logged;
    logged.serial = serial;
    logged.device = 2;
    logged.gate = 1;
    logged.direction = outcome == CheckinOutcome::exited ? Direction::exit : Direction::entry;
    logged.outcome = outcome;
    logged.time_ms = 1781913600123;
    logged.day = 1;
    logged.cycle = cycle;
    logged.inside = inside;
    logged.nonce_digest = "12345678";
    return logged;
}

TEST_F(Ledger, ScansCountOnceHoweverOftenTheyCome) {
    ScanLedger ledger(database_);
    const std::vector<ScanEntry> entries{
        {1000, 0,
         encode(scan(7, CheckinOutcome::admitted, 1, 1)) + encode(scan(8, CheckinOutcome::admitted, 1, 1))},
        {1001, 0, encode(scan(7, CheckinOutcome::exited, 1, 0))},
        {1002, 0, encode(scan(7, CheckinOutcome::admitted, 2, 1))},
        {1003, 0, encode(scan(7, CheckinOutcome::already_inside, 2, 1))}};
    EXPECT_EQ(ledger.store(1, 1, entries), 5);
    EXPECT_EQ(ledger.store(1, 1, entries), 0);
    EXPECT_EQ(count("SELECT count(*) FROM admission"), 3);
    EXPECT_EQ(count("SELECT inside * 10 + cycle FROM ticket_day WHERE serial = 7"), 12);
    EXPECT_EQ(count("SELECT (extract(epoch FROM first_at) * 1000)::bigint FROM ticket_day WHERE serial = 7"),
              1781913600123);
    EXPECT_EQ(count("SELECT count(*) FROM scan_conflict"), 0);
}

TEST_F(Ledger, ASecondAdmissionOfOneNumberIsAConflict) {
    ScanLedger ledger(database_);
    ledger.store(1, 1, {{1000, 0, encode(scan(7, CheckinOutcome::admitted, 1, 1))}});
    LoggedScan elsewhere = scan(7, CheckinOutcome::admitted, 1, 1);
    elsewhere.gate = 2;
    EXPECT_EQ(ledger.store(1, 2, {{2000, 0, encode(elsewhere)}}), 1);
    EXPECT_EQ(count("SELECT count(*) FROM admission"), 1);
    EXPECT_EQ(count("SELECT gate * 10 + other_gate FROM scan_conflict WHERE reason = 'admitted_twice'"), 21);
    EXPECT_EQ(count("SELECT count(*) FROM alert WHERE kind = 'scan_conflict'"), 1);
}

TEST_F(Ledger, AnUnreadableEntryIsSetAside) {
    ScanLedger ledger(database_);
    EXPECT_EQ(
        ledger.store(1, 1, {{1000, 0, "short"}, {1001, 0, encode(scan(7, CheckinOutcome::admitted, 1, 1))}}),
        1);
    EXPECT_EQ(
        count("SELECT count(*) FROM scan_conflict WHERE reason = 'unreadable' AND unreadable = 'short'"), 1);
}

} // namespace

} // namespace mogiri::daemon
