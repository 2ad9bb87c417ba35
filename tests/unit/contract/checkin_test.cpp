// Scans: sizes on the wire, and that a log of them is read whole or not at all.
#include "checkin.hpp"

#include <gtest/gtest.h>

#include "apply_job.hpp"
#include "live_counters.hpp"
#include "ticket_record.hpp"

namespace mogiri {
namespace {

TEST(Checkin, scans_that_ask_for_the_same_are_a_group) {
    const CheckinItem entry{.gate = 2, .device = 3, .nonce_digest = nonce_digest("n"), .deadline_ms = 40, .kinds = 5};
    CheckinItem sooner = entry, exit = entry;
    sooner.deadline_ms = 30;
    exit.direction = Direction::exit;
    CheckinColumns columns;
    for (int i = 0; i < 300; ++i)
        columns.add(9, i == 7 ? sooner : entry);
    columns.add(9, exit);
    EXPECT_EQ(columns.groups, std::string("\0\2E\xff\0\0\0\5\0\0\0\0\0\x1e", 14) +
                                  std::string("\0\2E\x2d\0\0\0\5\0\0\0\0\0\x28", 14) +
                                  std::string("\0\2X\1\0\0\0\5\0\0\0\0\0\x28", 14));
    EXPECT_EQ(columns.size(), 301U);
    EXPECT_EQ(columns.places.size(), 301U * 14);
    EXPECT_EQ(columns.deadlines.size(), 301U * 6);
}

TEST(Checkin, a_first_entry_is_answered_by_its_record) {
    const TicketRecord record{false, 3, 2, 7, {}, {}, "ABCDEFGH", "山田 花子"};
    const CheckinItem item{.gate = 2, .device = 70000, .nonce_digest = nonce_digest("n")};
    const std::string bytes = encode(record);
    const auto reply = decode_checkin_reply(bytes, item, 1'760'000'000'000);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->outcome, CheckinOutcome::admitted);
    EXPECT_TRUE(reply->has_ticket && !reply->repeat && !reply->test);
    EXPECT_EQ(reply->kind, 3);
    EXPECT_EQ(reply->left, 1);
    EXPECT_EQ(reply->first_device, 70000U);
    EXPECT_EQ(reply->first_ms, 1'760'000'000'000);
    EXPECT_EQ(reply->reference, "ABCDEFGH");
    EXPECT_EQ(reply->name, "山田 花子");
    EXPECT_FALSE(decode_checkin_reply(bytes.substr(0, bytes.size() - 1), item, 0));
}

TEST(Checkin, first_entries_are_logged_column_by_column) {
    const LoggedScan one{99, 3, 2, Direction::entry, CheckinOutcome::admitted, 1'760'000'000'000, 1,
                         1,  1, 0, nonce_digest("n")};
    LoggedScan two = one;
    two.serial = 98;
    two.nonce_digest = nonce_digest("o");
    const std::string rows = encode(one) + encode(two);
    const auto cut = [&](std::size_t at, std::size_t size) { return rows.substr(at, size) + rows.substr(32 + at, size); };
    EXPECT_EQ(logged_first_entries(rows.substr(20, 12) + cut(0, 5) + cut(5, 14)), rows);
    EXPECT_EQ(logged_first_entries("neither"), "neither") << "to be set aside as unreadable";
}

TEST(Checkin, log_is_read_whole_or_not_at_all) {
    const LoggedScan scan{99, 3, 2, Direction::exit,  CheckinOutcome::not_inside, 1'760'000'000'000, 1,
                          4,  0, 2, nonce_digest("n")};
    const std::string bytes = encode(scan);
    EXPECT_EQ(bytes.size(), logged_scan_size);
    const auto scans = decode_logged_scans(bytes + bytes);
    ASSERT_TRUE(scans);
    ASSERT_EQ(scans->size(), 2U);
    EXPECT_EQ(encode(scans->at(1)), bytes);
    EXPECT_FALSE(decode_logged_scans(bytes + "x"));
    std::string broken = bytes;
    broken[20] = 77;
    EXPECT_FALSE(decode_logged_scans(broken));
}

TEST(Checkin, notes_are_read_as_far_as_they_are_whole) {
    const LoggedNote one{3, 1'760'000'000'000, 12, 7, nonce_digest("n"), encode(ScanNote{"account:7", "::1", "誤操作"})};
    const LoggedNote two{4, 0, 0, 0, std::string(8, '\0'), ""};
    const std::string bytes = encode(one) + encode(two);
    const auto notes = decode_logged_notes(bytes + std::string(3, 'x'));
    ASSERT_EQ(notes.size(), 2U);
    EXPECT_EQ(encode(notes[0]) + encode(notes[1]), bytes);
    EXPECT_EQ(decode_scan_note(notes[0].note)->reason, "誤操作");
    EXPECT_FALSE(decode_scan_note(notes[1].note));
    EXPECT_EQ(decode_logged_notes(bytes.substr(0, bytes.size() - 1)).size(), 1U);
}

TEST(Checkin, live_counters_come_back_whole) {
    LiveCounters counters{.undone_entries = 1, .undone_exits = 2, .minute = 29'333'333, .gates = {{1, 70'000, 3}, {0, 0, 1}}};
    counters.refused[8] = 9;
    counters.scans = {5, 4, 3};
    EXPECT_EQ(decode_live_counters(encode(counters)), counters);
    EXPECT_FALSE(decode_live_counters(encode(counters) + "x"));
    EXPECT_FALSE(decode_live_counters(""));
    const std::int64_t now = counters.minute * 60'000 + 60'000; // a minute later
    EXPECT_EQ(counters.scans_in(now, 0), 0U);
    EXPECT_EQ(counters.scans_in(now, 1), 5U);
    EXPECT_EQ(counters.scans_in(now, 3), 3U);
    EXPECT_EQ(counters.scans_in(now, 11), 0U);
}

TEST(ApplyJob, comes_back_whole) {
    ApplyJob job{"ID",
                 1,
                 "student",
                 Language::en,
                 "S2E07",
                 "a@example.jp",
                 {{"last_name", "Yamada"}},
                 {"花子"},
                 "00",
                 "answers:w",
                 5};
    const ApplyJob back = decode_apply_job(encode(job));
    EXPECT_EQ(encode(back), encode(job));
    EXPECT_THROW(decode_apply_job("{}"), std::invalid_argument);
    EXPECT_THROW(decode_apply_job("nonsense"), std::invalid_argument);
    EXPECT_NE(apply_body_hash("student", job.fields, job.guests),
              apply_body_hash("student", job.fields, {"一郎"}));
}

TEST(Answer, has_a_status_for_each_decision) {
    for (const auto decision :
         {Decision::issued, Decision::unconfirmed, Decision::awaiting_approval, Decision::waiting,
          Decision::limit_reached, Decision::sold_out, Decision::address_taken, Decision::unknown_student,
          Decision::closed, Decision::not_open_yet, Decision::rejected, Decision::lapsed, Decision::cancelled,
          Decision::failed}) {
        const Answer back = decode_answer(encode(Answer{"ID", decision, 2, 3}));
        EXPECT_EQ(back.decision, decision);
        EXPECT_EQ(back.version, 3);
        EXPECT_EQ(http_status(decision) == 202, is_held(decision));
        EXPECT_EQ(is_held(decision), decision_state(decision) == decision_code(decision) &&
                                         decision != Decision::issued && decision != Decision::cancelled);
    }
}

} // namespace
} // namespace mogiri
