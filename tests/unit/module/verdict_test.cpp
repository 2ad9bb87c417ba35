// The door's words: new API, old API, Japanese and English.
#include "module/door/verdict.hpp"

#include <gtest/gtest.h>

#include "../contract/sample_event.hpp"

namespace mogiri::module {
namespace {

EventSettings event() {
    EventSettings settings = EventSettings::parse(sample_event);
    Device device;
    device.number = 7;
    device.name = "east-1";
    settings.devices.push_back(device);
    return settings;
}

Verdict admitted() {
    Verdict verdict;
    verdict.day = 1;
    verdict.reply.outcome = CheckinOutcome::admitted;
    verdict.reply.has_ticket = true;
    verdict.reply.inside = 1;
    verdict.reply.time_ms = 1'781'913'600'045;
    verdict.reply.first_ms = 1'781'913'600'045;
    verdict.reply.first_gate = 1;
    verdict.reply.first_device = 7;
    verdict.reply.reference = "8PG6KKV2";
    verdict.reply.name = "山田 \"花\"";
    return verdict;
}

Verdict refused(CheckinOutcome outcome) {
    Verdict verdict;
    verdict.reply.outcome = outcome;
    return verdict;
}

TEST(Verdict, TellsTheTicketAndItsFirstAdmission) {
    EXPECT_EQ(
        verdict_json(admitted(), event(), Language::en),
        R"({"day":1,"first":{"device":"east-1","gate":"main","time":"2026-06-20T00:00:00.045Z"},"inside":1,"left":0,)"
        R"("message":"Welcome.","outcome":"admitted",)"
        R"("ticket":{"kind":"guest","name":"山田 \"花\"","reference":"8PG6KKV2"},"time":"2026-06-20T00:00:00.045Z"})");
}

TEST(Verdict, TellsTextsOfAnyLength) {
    for (const auto& name : {std::string(3000, 'a'), std::string(1000, '"'), std::string(900, 'b') + "\n"}) {
        Verdict verdict = admitted();
        verdict.reply.name = name;
        const Json json = verdict_object(verdict, event(), Language::en);
        EXPECT_EQ(text_of(json_object_get(json_object_get(json.get(), "ticket"), "name")), name);
        EXPECT_EQ(text_of(json_object_get(json.get(), "time")), "2026-06-20T00:00:00.045Z");
    }
}

TEST(Verdict, MarksRepeatsAndDoubleReads) {
    Verdict verdict = admitted();
    verdict.reply.repeat = true;
    EXPECT_NE(verdict_json(verdict, event(), Language::ja).find(R"("repeat":true)"), std::string::npos);
    EXPECT_EQ(verdict_message(verdict, Language::en), "Welcome.");
    verdict.reply.double_read = true;
    EXPECT_NE(verdict_json(verdict, event(), Language::ja).find(R"("double_read":true)"), std::string::npos);
    EXPECT_EQ(verdict_message(verdict, Language::en), "The same ticket again.");
    EXPECT_EQ(old_verdict_json(verdict, Language::en),
              R"({"code":400,"msg":"The same ticket again.","result":"error"})");
}

TEST(Verdict, SaysTheSameOfForgedCodesAndUnknownTickets) {
    // An unknown ticket comes from Redis with a time; a forged code never got there.
    Verdict unknown = refused(CheckinOutcome::unknown);
    unknown.day = 1;
    unknown.reply.time_ms = 1'781'913'600'045;
    unknown.reply.reference = "        ";
    EXPECT_EQ(verdict_json(unknown, event(), Language::ja),
              verdict_json(refused(CheckinOutcome::unknown), event(), Language::ja));
    EXPECT_EQ(verdict_json(unknown, event(), Language::en),
              R"({"message":"This ticket is not known.","outcome":"refused","reason":"unknown"})");
}

TEST(Verdict, SurvivesKindsGatesAndDevicesThatTheSettingsDoNotKnow) {
    Verdict verdict = admitted();
    verdict.reply.kind = 200;
    verdict.reply.first_gate = 99;
    verdict.reply.first_device = 99;
    const std::string json = verdict_json(verdict, event(), Language::en);
    EXPECT_NE(json.find(R"("kind":"")"), std::string::npos);
    EXPECT_NE(json.find(R"("first":{"time":)"), std::string::npos);
}

TEST(OldVerdict, KeepsTheOldCodes) {
    EXPECT_EQ(old_verdict_json(admitted(), Language::en),
              R"({"code":200,"msg":"Welcome.","result":"success"})");
    EXPECT_EQ(old_verdict_json(refused(CheckinOutcome::already_inside), Language::en),
              R"({"code":400,"msg":"Already inside.","result":"error"})");
    EXPECT_EQ(old_verdict_json(refused(CheckinOutcome::unknown), Language::en),
              R"({"code":404,"msg":"This ticket is not known.","result":"error"})");
    EXPECT_EQ(old_verdict_json(refused(CheckinOutcome::bad_code), Language::en),
              R"({"code":404,"msg":"This is not a ticket code.","result":"error"})");
}

TEST(OldTotal, TellsOneDirection) {
    EXPECT_EQ(old_total_json("12 5 7", Direction::entry, Language::en),
              R"({"code":200,"msg":"People who entered today.","result":12})");
    EXPECT_EQ(old_total_json("12 5 7", Direction::exit, Language::en),
              R"({"code":200,"msg":"People who left today.","result":5})");
    EXPECT_EQ(old_total_json("", Direction::entry, Language::en),
              R"({"code":200,"msg":"People who entered today.","result":0})");
}

TEST(Degraded, IsAProblemThatVouchesForTheSignature) {
    EXPECT_EQ(
        problem_json(degraded(Language::en)),
        R"({"code":"degraded","detail":"It cannot be checked just now. Please scan again.","reason":"degraded",)"
        R"("signature":"valid","status":503,"title":"Service Unavailable","type":"about:blank"})");
    EXPECT_EQ(degraded(Language::en).retry_after, 1);
}

TEST(Timestamp, IsUtcWithMilliseconds) {
    EXPECT_EQ(std::string_view(Timestamp(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(std::string_view(Timestamp(1'781'913'600'007)), "2026-06-20T00:00:00.007Z");
}

} // namespace
} // namespace mogiri::module
