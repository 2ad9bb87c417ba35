// A call's whole story between a real Redis and a real PostgreSQL.
#include "counter.hpp"

namespace mogiri::daemon {
namespace {

using testing::HasSubstr;

class CallDeskTest : public AtTheCounter {};

constexpr const char* mails = "SELECT count(*) FROM mail_outbox WHERE kind = 'tickets'";

TEST_F(CallDeskTest, DoesAndNotesAndAnswers) {
    const Call wanted = call("application.resend");
    const CallAnswer answer = answer_to(wanted);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr(application_id(1)));
    EXPECT_EQ(count(mails), 2);
    EXPECT_EQ(count("SELECT count(*) FROM call WHERE verb = 'application.resend'"), 1);
    EXPECT_EQ(redis.command({"XLEN", redis_keys::mail(1)}).integer(), 1);
    EXPECT_GT(redis.command({"TTL", redis_keys::call(1, wanted.id)}).integer(), 6 * 86400);
}

TEST_F(CallDeskTest, DoesNotDoARepeatedCallAgain) {
    const Call wanted = call("application.resend");
    const CallAnswer first = answer_to(wanted);
    const CallAnswer again = answer_to(wanted);
    EXPECT_EQ(encode(again), encode(first));
    EXPECT_EQ(count(mails), 2);
}

TEST_F(CallDeskTest, AnswersLateWhatWasDoneInTime) {
    Call wanted = call("application.resend");
    answer_to(wanted);
    wanted.deadline_ms = 1;
    EXPECT_EQ(answer_to(wanted).status, 200);
    EXPECT_EQ(count(mails), 2);
}

TEST_F(CallDeskTest, LeavesACallThatIsTooLate) {
    for (const char* verb : {"application.resend", "application.show"}) {
        const Call late = call(verb, "{}", -2000);
        put(late);
        CallDesk desk(office, calls, 1, pulse);
        attend(desk);
        EXPECT_FALSE(stored(late)) << verb;
        EXPECT_EQ(redis.command({"EXISTS", redis_keys::call(1, late.id)}).integer(), 0) << verb;
    }
    EXPECT_EQ(count(mails), 1);
    EXPECT_EQ(count("SELECT count(*) FROM call"), 0);
}

TEST_F(CallDeskTest, KnowsAKeyThatBringsSomethingElse) {
    Call wanted = call("application.resend");
    answer_to(wanted);
    wanted.body_hash = std::string(32, 'f');
    const CallAnswer answer = answer_to(wanted);
    EXPECT_EQ(answer.status, 409);
    EXPECT_THAT(answer.body, HasSubstr("key_reused"));
    EXPECT_EQ(count(mails), 2);
}

TEST_F(CallDeskTest, NotesNoRefusal) {
    Call wanted = call("application.resend");
    wanted.actor = "application:" + application_id(2);
    EXPECT_EQ(answer_to(wanted).status, 404);
    EXPECT_LE(redis.command({"TTL", redis_keys::call(1, wanted.id)}).integer(), 30);
    EXPECT_EQ(count("SELECT count(*) FROM call"), 0);
}

TEST_F(CallDeskTest, SurvivesWhatIsNoCall) {
    EXPECT_EQ(answer_to(call("no.such.verb")).status, 501);
    Call stranger = call("application.resend");
    stranger.actor = "visitor";
    EXPECT_EQ(answer_to(stranger).status, 500);
    redis.command({"XADD", redis_keys::calls(1), "*", "call", "{broken"});
    redis.command({"XADD", redis_keys::calls(1), "*", "other", "x"});
    CallDesk desk(office, calls, 1, pulse);
    attend(desk);
    EXPECT_EQ(redis.command({"XLEN", redis_keys::calls(1)}).integer(), 0);
}

TEST_F(CallDeskTest, ShowsWhatBecameOfAnApplication) {
    const CallAnswer answer = answer_to(call("application.show"));
    EXPECT_EQ(answer.status, 200);
    const Json shown = parse_json(answer.body);
    EXPECT_EQ(text_of(json_object_get(shown.get(), "state")), "issued");
    EXPECT_EQ(text_of(json_object_get(shown.get(), "mail")), "pending");
    const json_t* tickets = json_object_get(shown.get(), "tickets");
    ASSERT_EQ(json_array_size(tickets), 2u);
    EXPECT_EQ(text_of(json_object_get(json_array_get(tickets, 1), "name")), "山田 花子 2");
    EXPECT_EQ(text_of(json_object_get(json_array_get(tickets, 1), "state")), "valid");
}

TEST_F(CallDeskTest, TellsTheDoorOfApprovedTicketsBeforeItAnswers) {
    const Json definition = sample_definition();
    json_object_set_new(json_array_get(json_object_get(definition.get(), "form"), 0), "approval",
                        json_true());
    EventLedger(database).store_event(definition.get(), false);
    ApplicationLedger(database, 1).settle(std::vector{mogiri::daemon::application(2, 13, 1)});
    database.query("DELETE FROM cache_outbox");
    Call approve = call("application.approve", R"({"path":{"application":")" + application_id(2) +
                                                   R"("},"body":{"reason":"known"}})");
    approve.actor = "account:1";
    EXPECT_EQ(answer_to(approve).status, 200);
    const std::int64_t serial =
        database.query("SELECT serial FROM ticket WHERE application <> $1", {application_id(1)})[0].number(0);
    EXPECT_EQ(redis.command({"EXISTS", redis_keys::ticket(1, static_cast<std::uint64_t>(serial))}).integer(),
              1);
    EXPECT_EQ(count("SELECT count(*) FROM cache_outbox WHERE serials IS NOT NULL"), 0);
}

TEST_F(CallDeskTest, ResendsThreeTimesAnHour) {
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(answer_to(call("application.resend")).status, 200);
    const CallAnswer refused = answer_to(call("application.resend"));
    EXPECT_EQ(refused.status, 429);
    const Json body = parse_json(refused.body);
    EXPECT_GT(json_integer_value(json_object_get(body.get(), "retry_after")), 3500);
    database.query("UPDATE mail_outbox SET created_at = created_at - interval '61 minutes'");
    EXPECT_EQ(answer_to(call("application.resend")).status, 200);
}

} // namespace
} // namespace mogiri::daemon
