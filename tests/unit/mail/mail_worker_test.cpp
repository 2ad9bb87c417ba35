// A mail's whole story between a real Redis, a real PostgreSQL and the spool.
#include <mail/mail_sweep.hpp>
#include <mail/mail_worker.hpp>

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <redis_keys.hpp>

#include "../daemon/festival.hpp"
#include "../daemon/servers.hpp"
#include "../render/scratch.hpp"
#include "ledger/application_ledger.hpp"

namespace mogiri::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class MailWorkerTest : public testing::Test {
  protected:
    MailWorkerTest() {
        store_sample_event(database);
        database.query(
            "UPDATE event SET definition = jsonb_set(definition, '{kind}', (SELECT jsonb_agg(kind || "
            "'{\"layout\": \"recital\"}') FROM jsonb_array_elements(definition -> 'kind') AS kind)), "
            "version = version + 1");
        redis.command({"XGROUP", "CREATE", redis_keys::mail(1), redis_keys::mail_group, "0", "MKSTREAM"});
    }

    Configuration configured() {
        std::filesystem::create_directory(scratch.path() / "templates");
        Configuration fresh = Servers::running().fresh();
        std::filesystem::copy(MOGIRI_SOURCE_DIR "/templates/mail", scratch.path() / "templates/mail",
                              std::filesystem::copy_options::recursive);
        std::filesystem::copy(MOGIRI_SOURCE_DIR "/templates/tickets", scratch.path() / "templates/tickets",
                              std::filesystem::copy_options::recursive);
        fresh.templates = scratch.path() / "templates";
        fresh.server_url = "https://tickets.example.jp";
        fresh.road.consumer = "unit";
        fresh.mail.plugins = MOGIRI_PLUGINS;
        fresh.mail.options = {{"directory", (scratch.path() / "spool").string()}};
        fresh.mail.from = "tickets@example.jp";
        return fresh;
    }

    // The row of an application that was just issued.
    std::int64_t issue(int n, int student, std::size_t guests) {
        ApplicationLedger ledger(database, 1);
        return ledger.settle(std::vector{application(n, student, guests)}).front().mail.value();
    }

    // Puts the row into the stream and lets the worker take it.
    void send(std::int64_t row) {
        offer_mails(redis, 1, {row});
        work_off();
    }

    void work_off() {
        while (worker.send_next(10ms)) {
        }
    }

    std::vector<std::string> spooled() {
        std::vector<std::string> mails;
        for (const auto& entry : std::filesystem::directory_iterator(scratch.path() / "spool")) {
            std::ostringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            mails.push_back(text.str());
        }
        return mails;
    }
    std::string state(std::int64_t row) {
        return database.query("SELECT state FROM mail_outbox WHERE id = $1", {row})[0].string(0);
    }
    std::string alerts() {
        return database
            .query("SELECT coalesce(string_agg(subject, ' '), '') FROM alert WHERE cleared_at IS NULL")[0]
            .string(0);
    }
    std::int64_t jobs() { return redis.command({"XLEN", redis_keys::mail(1)}).integer(); }
    void due(std::int64_t row) {
        database.query("UPDATE mail_outbox SET next_at = now() WHERE id = $1", {row});
    }

    Scratch scratch;
    Configuration configuration = configured();
    Database database{configuration.database, "test"};
    Redis redis{configuration.redis};
    PostOffice office{configuration, MasterKeys::parse("1 " + std::string(64, 'a') + "\n"),
                      LeaseName("unit")};
    Pulse pulse;
    MailWorker worker{office, 1, pulse};
};

TEST_F(MailWorkerTest, SendsOneMailWithATicketForEachGuest) {
    const std::int64_t row = issue(1, 12, 2);
    send(row);
    EXPECT_EQ(state(row), "sent");
    EXPECT_EQ(jobs(), 0);
    ASSERT_EQ(spooled().size(), 1u);
    const std::string mail = spooled().front();
    EXPECT_THAT(mail, HasSubstr("To: student12@example.jp\r\n"));
    std::size_t pictures = 0;
    for (std::size_t at = mail.find("image/png"); at != mail.npos; at = mail.find("image/png", at + 1))
        ++pictures;
    EXPECT_EQ(pictures, 2u);
}

TEST_F(MailWorkerTest, AJobThatIsThereTwiceOrNamesNothingSendsNothing) {
    const std::int64_t row = issue(1, 12, 1);
    offer_mails(redis, 1, {row, row, row + 100});
    redis.command({"XADD", redis_keys::mail(1), "*", "strange", "x"});
    work_off();
    EXPECT_EQ(jobs(), 0);
    EXPECT_EQ(spooled().size(), 1u);
}

TEST_F(MailWorkerTest, MailsThatWaitGoOneAfterTheOther) {
    std::vector<std::int64_t> rows;
    for (int n = 1; n <= 20; ++n)
        rows.push_back(issue(n, 10 + n, 1));
    database.query("UPDATE ticket SET status = 'revoked' WHERE serial = (SELECT min(serial) FROM ticket)");
    rows.push_back(rows.front());
    offer_mails(redis, 1, rows);
    work_off();
    EXPECT_EQ(jobs(), 0);
    EXPECT_EQ(redis.command({"XPENDING", redis_keys::mail(1), redis_keys::mail_group})[0].integer(), 0);
    EXPECT_EQ(spooled().size(), 19u);
    EXPECT_EQ(database.query("SELECT count(*) FROM mail_outbox WHERE state = 'sent'")[0].number(0), 19);
    EXPECT_EQ(database.query("SELECT count(*) FROM mail_outbox WHERE attempts = 1")[0].number(0), 20);
}

TEST_F(MailWorkerTest, RevokedTicketsAreNotSent) {
    const std::int64_t row = issue(1, 12, 1);
    database.query("UPDATE ticket SET status = 'revoked'");
    send(row);
    EXPECT_EQ(state(row), "suppressed");
    EXPECT_TRUE(spooled().empty());
}

TEST_F(MailWorkerTest, ABrokenLayoutDelaysTheMailAndIsReported) {
    const std::int64_t row = issue(1, 12, 1);
    const auto layout = scratch.path() / "templates/tickets/recital";
    std::filesystem::rename(layout, scratch.path() / "away");
    send(row);
    EXPECT_EQ(state(row), "retry");
    EXPECT_EQ(alerts(), "tickets of event 1");
    std::filesystem::rename(scratch.path() / "away", layout);
    due(row);
    send(row);
    EXPECT_EQ(state(row), "sent");
    EXPECT_EQ(alerts(), "");
}

TEST_F(MailWorkerTest, AStoppedTransportPausesEveryWorkerAndCostsNothing) {
    const std::int64_t row = issue(1, 12, 1);
    std::filesystem::rename(scratch.path() / "spool", scratch.path() / "away");
    std::ofstream(scratch.path() / "spool") << "a file where the folder was";
    std::filesystem::remove_all(scratch.path() / "away");
    send(row);
    EXPECT_EQ(state(row), "pending");
    EXPECT_GT(office.closed_for(), 0ms);
    EXPECT_EQ(alerts(), "transport");
}

TEST_F(MailWorkerTest, AnApplicationThatWasGivenUpIsToldSo) {
    const std::int64_t row =
        database
            .query("INSERT INTO mail_outbox (event, application, kind, recipient, language) "
                   "VALUES (1, 'BURIED', 'failed', 'a@example.jp', 'en') RETURNING id")[0]
            .number(0);
    send(row);
    EXPECT_EQ(state(row), "sent");
    EXPECT_THAT(spooled().front(), testing::Not(HasSubstr("image/png")));
}

TEST_F(MailWorkerTest, AnotherConsumersJobIsTakenOverAndItsMailSentOnce) {
    const std::int64_t row = issue(1, 12, 1);
    offer_mails(redis, 1, {row});
    // A consumer took the job 20 s ago and died before it claimed the row.
    redis.command(
        {"XREADGROUP", "GROUP", redis_keys::mail_group, "dead", "STREAMS", redis_keys::mail(1), ">"});
    const auto pending =
        redis.command({"XPENDING", redis_keys::mail(1), redis_keys::mail_group, "-", "+", "1"});
    redis.command({"XCLAIM", redis_keys::mail(1), redis_keys::mail_group, "dead", "0", pending[0][0].text(),
                   "IDLE", "20000"});
    work_off();
    EXPECT_EQ(state(row), "sent");
    EXPECT_EQ(jobs(), 0);
}

TEST_F(MailWorkerTest, TheSweepBringsBackWhatWasLostOnTheWay) {
    const std::int64_t row = issue(1, 12, 1);
    MailSweep sweep(office, pulse);
    sweep.sweep();
    EXPECT_EQ(jobs(), 0);
    database.query("UPDATE mail_outbox SET queued_at = now() - interval '10 s'");
    sweep.sweep();
    sweep.sweep();
    EXPECT_EQ(jobs(), 1);
    work_off();
    EXPECT_EQ(state(row), "sent");
}

} // namespace
} // namespace mogiri::daemon
