// Scans: sizes on the wire, and that a log of them is read whole or not at all.
#include "checkin.hpp"

#include <gtest/gtest.h>

#include "apply_job.hpp"

namespace mogiri {
namespace {

TEST(Checkin, item_has_its_size) {
    EXPECT_EQ(encode(9, CheckinItem{Direction::exit, 2, 3, nonce_digest("n"), 4, 5}).size(), checkin_item_size);
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
