// A mail's states in a real PostgreSQL: who may claim, who may end, and what comes back when.
#include <mail/outbox.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../daemon/servers.hpp"

namespace mogiri::daemon {
namespace {

using namespace std::chrono_literals;

class OutboxTest : public testing::Test {
  protected:
    OutboxTest() { database.query("INSERT INTO event (number, slug, definition) VALUES (1, 'test', '{}')"); }

    std::int64_t owe() {
        return database
            .query("INSERT INTO mail_outbox (event, application, kind, recipient, language) "
                   "VALUES (1, gen_random_uuid(), 'tickets', 'a@example.jp', 'ja') RETURNING id")[0]
            .number(0);
    }
    std::string state(std::int64_t id) { return column(id, "state"); }
    std::string column(std::int64_t id, const std::string& name) {
        return database.query(("SELECT " + name + " FROM mail_outbox WHERE id = $1").c_str(), {id})[0].string(
            0);
    }
    void set(std::int64_t id, const std::string& assignment) {
        database.query(("UPDATE mail_outbox SET " + assignment + " WHERE id = $1").c_str(), {id});
    }
    static Delivery ended(Outcome outcome) { return {outcome, 250, 0s, "text", "provider", "ses"}; }

    Configuration configuration = Servers::running().fresh();
    Database database{configuration.database, "test"};
    LeaseName name{"host"}, other_name{"other"};
    Outbox one{database, name.of_worker(1), 60s, 30s}, two{database, other_name.of_worker(1), 60s, 30s};
    ForgottenMail forgotten{database, other_name};
};

TEST_F(OutboxTest, IsClaimedOnceAndSent) {
    const std::int64_t id = owe();
    const auto mail = one.claim({id, "<1@x>"});
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->message_id, "<1@x>");
    EXPECT_EQ(mail->attempts, 1);
    EXPECT_EQ(mail->recipient, "a@example.jp");
    EXPECT_FALSE(two.claim({id, "<2@x>"}));
    EXPECT_EQ(one.finish(*mail, ended(Outcome::accepted)).state, "sent");
    EXPECT_EQ(column(id, "provider_id"), "provider");
    EXPECT_EQ(column(id, "transport"), "ses");
    EXPECT_FALSE(two.claim({id, "<2@x>"}));
}

TEST_F(OutboxTest, ManyWorkersClaimARowOnce) {
    const std::int64_t id = owe();
    std::atomic<int> claims{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            Database own(configuration.database, "test");
            Outbox outbox(own, name.of_worker(i), 60s, 30s);
            claims += outbox.claim({id, "<1@x>"}).has_value();
        });
    threads.clear();
    EXPECT_EQ(claims, 1);
}

TEST_F(OutboxTest, OnlyTheLeasesOwnerWritesTheEnd) {
    const std::int64_t id = owe();
    const auto slow = one.claim({id, "<1@x>"});
    set(id, "lease_until = now() - interval '1 s'");
    const auto quick = two.claim({id, "<2@x>"});
    ASSERT_TRUE(quick);
    EXPECT_EQ(quick->message_id, "<1@x>");
    EXPECT_EQ(quick->attempts, 2);
    EXPECT_FALSE(one.finish(*slow, ended(Outcome::permanent)).state);
    EXPECT_EQ(two.finish(*quick, ended(Outcome::accepted)).state, "sent");
    EXPECT_FALSE(one.finish(*slow, ended(Outcome::permanent)).state);
    EXPECT_EQ(state(id), "sent");
}

TEST_F(OutboxTest, OneCommitEndsAMailAndClaimsTheNext) {
    const std::int64_t first = owe(), second = owe(), third = owe();
    const auto mail = one.claim({first, "<1@x>"});
    const Turn turn = one.finish(*mail, ended(Outcome::accepted), DueMail{second, "<2@x>"});
    EXPECT_EQ(turn.state, "sent");
    ASSERT_TRUE(turn.next);
    EXPECT_EQ(turn.next->id, second);
    EXPECT_EQ(turn.next->message_id, "<2@x>");
    EXPECT_EQ(column(first, "xmin"), column(second, "xmin"));
    // Whose lease is over loses the end, not the next mail; and of one mail there is no next attempt before
    // it is due.
    set(second, "lease_by = 'another'");
    const Turn late = one.finish(*turn.next, ended(Outcome::accepted), DueMail{third, "<3@x>"});
    EXPECT_FALSE(late.state);
    EXPECT_EQ(state(second), "sending");
    ASSERT_TRUE(late.next);
    const Turn again = one.suppress(*late.next, "why", DueMail{third, "<4@x>"});
    EXPECT_EQ(again.state, "suppressed");
    EXPECT_FALSE(again.next);
    EXPECT_FALSE(one.finish(*late.next, ended(Outcome::accepted), DueMail{first, "<5@x>"}).next);
}

// No mail's end waits for somebody who looks at the next one.
TEST_F(OutboxTest, ARowInSomebodysHandsIsLeftToTheSweep) {
    const std::int64_t first = owe(), second = owe();
    const auto mail = one.claim({first, "<1@x>"});
    Database other(configuration.database, "test");
    Transaction looking(other);
    other.query("SELECT FROM mail_outbox WHERE id = $1 FOR UPDATE", {second});
    const Turn turn = one.finish(*mail, ended(Outcome::accepted), DueMail{second, "<2@x>"});
    EXPECT_EQ(turn.state, "sent");
    EXPECT_FALSE(turn.next);
    EXPECT_EQ(state(second), "pending");
}

TEST_F(OutboxTest, AWorkerTakesBackWhatItGaveUpHalfWay) {
    const std::int64_t id = owe();
    const auto lost = one.claim({id, "<1@x>"});
    const auto again = one.claim({id, "<2@x>"});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->message_id, "<1@x>");
    EXPECT_FALSE(one.finish(*lost, ended(Outcome::accepted)).state);
    EXPECT_EQ(one.finish(*again, ended(Outcome::accepted)).state, "sent");
}

TEST_F(OutboxTest, ADaemonsNewLifeEndsTheLeasesOfItsFormerOnes) {
    const std::int64_t id = owe();
    ASSERT_TRUE(one.claim({id, "<1@x>"}));
    ForgottenMail(database, name).expire_leases();
    EXPECT_EQ(state(id), "sending");
    forgotten.expire_leases();
    EXPECT_EQ(state(id), "sending");
    const LeaseName reborn("host");
    Database own(configuration.database, "test");
    // As long as another process has the name, its leases are not touched.
    EXPECT_EQ(ForgottenMail(own, reborn).expire_leases(), 0);
    database.query("SELECT pg_advisory_unlock_all()");
    EXPECT_EQ(ForgottenMail(own, reborn).expire_leases(), 1);
    EXPECT_EQ(state(id), "unknown");
    EXPECT_EQ(two.claim({id, "<2@x>"})->message_id, "<1@x>");
}

TEST_F(OutboxTest, AReloadLeavesTheMailInHandToTheWorkersThatHaveIt) {
    const std::int64_t id = owe();
    const auto mail = one.claim({id, "<1@x>"});
    const LeaseName next = name.next("host");
    EXPECT_EQ(ForgottenMail(database, next).expire_leases(), 0);
    EXPECT_FALSE(Outbox(database, next.of_worker(1), 60s, 30s).claim({id, "<2@x>"}));
    EXPECT_EQ(one.finish(*mail, ended(Outcome::accepted)).state, "sent");
}

TEST_F(OutboxTest, ALeaseThatRanOutBecomesUnknownAndDue) {
    const std::int64_t id = owe();
    ASSERT_TRUE(one.claim({id, "<1@x>"}));
    EXPECT_EQ(forgotten.expire_leases(), 0);
    set(id, "lease_until = now() - interval '1 s'");
    EXPECT_EQ(forgotten.expire_leases(), 1);
    EXPECT_EQ(state(id), "unknown");
    EXPECT_THAT(forgotten.claim_for_stream(1, std::nullopt, 10), testing::ElementsAre(id));
    const auto mail = two.claim({id, "<2@x>"});
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->message_id, "<1@x>");
}

TEST_F(OutboxTest, TransientFailuresComeBackLaterForTwoDays) {
    const std::int64_t id = owe();
    EXPECT_EQ(one.finish(*one.claim({id, "<1@x>"}), ended(Outcome::transient)).state, "retry");
    EXPECT_FALSE(two.claim({id, "<2@x>"}));
    EXPECT_EQ(column(id, "next_at BETWEEN now() + interval '23 s' AND now() + interval '37 s'"), "t");
    EXPECT_TRUE(forgotten.claim_for_stream(1, std::nullopt, 10).empty());
    set(id, "next_at = now()");
    EXPECT_THAT(forgotten.claim_for_stream(1, std::nullopt, 10), testing::ElementsAre(id));
    set(id, "created_at = now() - interval '49 h'");
    EXPECT_EQ(two.finish(*two.claim({id, "<2@x>"}), ended(Outcome::transient)).state, "failed");
}

TEST_F(OutboxTest, ALostAnswerIsTriedOnceMore) {
    const std::int64_t id = owe();
    EXPECT_EQ(one.finish(*one.claim({id, "<1@x>"}), ended(Outcome::unknown)).state, "unknown");
    set(id, "next_at = now()");
    const auto again = one.claim({id, "<2@x>"});
    EXPECT_EQ(again->message_id, "<1@x>");
    EXPECT_EQ(one.finish(*again, ended(Outcome::unknown)).state, "failed");
}

TEST_F(OutboxTest, AStoppedTransportCostsNoAttempt) {
    const std::int64_t id = owe();
    EXPECT_EQ(one.finish(*one.claim({id, "<1@x>"}), ended(Outcome::stopped)).state, "pending");
    EXPECT_EQ(column(id, "attempts"), "0");
    set(id, "attempts = 3");
    EXPECT_EQ(one.finish(*one.claim({id, "<1@x>"}), ended(Outcome::stopped)).state, "retry");
    EXPECT_EQ(column(id, "attempts"), "3");
}

// The diagram in outbox.hpp, held by PostgreSQL itself.
TEST_F(OutboxTest, NothingButItsStatesCanBeStored) {
    const std::int64_t id = owe();
    for (const char* wrong :
         {"state = 'lost'", "state = 'sending'", "state = 'sent'", "state = 'failed'", "state = 'suppressed'",
          "state = 'retry'", "state = 'unknown'", "next_at = NULL", "ended_at = now()", "lease_by = 'x'",
          "lease_until = now()", "attempts = -1", "unknowns = -1",
          "state = 'sending', lease_by = 'x', lease_until = now(), attempts = 1, message_id = '<1@x>'",
          "state = 'sending', lease_by = 'x', lease_until = now(), next_at = NULL",
          "state = 'sent', next_at = NULL, attempts = 1, message_id = '<1@x>'",
          "recipient = 'a@example.jp' || chr(10) || 'b'", "recipient = '<a@example.jp>'"})
        EXPECT_THROW(set(id, wrong), std::runtime_error) << wrong;
    set(id, "state = 'sending', lease_by = 'x', lease_until = now(), attempts = 1, message_id = '<1@x>', "
            "next_at = NULL");
}

TEST_F(OutboxTest, HasFinalStates) {
    const std::int64_t refused = owe(), revoked = owe();
    EXPECT_EQ(one.finish(*one.claim({refused, "<1@x>"}), ended(Outcome::permanent)).state, "failed");
    EXPECT_EQ(one.suppress(*one.claim({revoked, "<2@x>"}), "why").state, "suppressed");
    set(refused, "queued_at = NULL");
    EXPECT_TRUE(forgotten.claim_for_stream(1, std::nullopt, 10).empty());
    EXPECT_FALSE(one.claim({refused, "<3@x>"}));
}

TEST_F(OutboxTest, TheSweepTakesOnlyWhatIsNotInTheStream) {
    const std::int64_t lost = owe(), waiting = owe(), fresh = owe();
    set(lost, "queued_at = now() - interval '120 s'");
    set(waiting, "queued_at = now() - interval '90 s'");
    const auto oldest = std::chrono::milliseconds(
        database.query("SELECT (extract(epoch FROM now() - interval '90 s') * 1000)::bigint")[0].number(0));
    EXPECT_THAT(forgotten.claim_for_stream(1, oldest, 10), testing::ElementsAre(lost));
    EXPECT_TRUE(forgotten.claim_for_stream(1, oldest, 10).empty());
    EXPECT_THAT(forgotten.claim_for_stream(1, std::nullopt, 10), testing::ElementsAre(waiting));
    EXPECT_EQ(state(fresh), "pending");
}

TEST(RetryDelay, DoublesToAnHour) {
    EXPECT_EQ(retry_delay(30s, 1, 0.5), 30s);
    EXPECT_EQ(retry_delay(30s, 2, 0.5), 60s);
    EXPECT_EQ(retry_delay(30s, 1, 0), 24s);
    EXPECT_EQ(retry_delay(30s, 1, 1), 36s);
    EXPECT_EQ(retry_delay(30s, 8, 0.5), 3600s);
    EXPECT_EQ(retry_delay(30s, 1000, 0.5), 3600s);
    EXPECT_EQ(retry_delay(30s, 0, 0.5), 30s);
    EXPECT_EQ(retry_delay(1s, 2, 0.5), 2s);
}

} // namespace
} // namespace mogiri::daemon
