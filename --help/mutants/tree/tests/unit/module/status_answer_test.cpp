// The stored answer and how its status is told.
#include "module/apply/status_answer.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mogiri::module {
namespace {

const std::string hash(32, 'a');

TEST(StoredAnswer, IsPendingUntilThereIsOne) {
    EXPECT_EQ(stored_answer(hash), std::nullopt);
    const auto answer = stored_answer(hash + encode(Answer{"ID", Decision::issued, 2}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->tickets, 2);
}

TEST(StoredAnswer, RefusesWhatIsCutOff) {
    EXPECT_THROW(stored_answer("abc"), std::invalid_argument);
    EXPECT_THROW(stored_answer(hash + "{"), std::invalid_argument);
}

TEST(StatusJson, TellsStateTicketsAndCode) {
    EXPECT_EQ(status_json("ID", std::nullopt), R"({"application":"ID","state":"pending","tickets":0})");
    EXPECT_EQ(status_json("ID", Answer{"ID", Decision::issued, 2}),
              R"({"application":"ID","state":"issued","tickets":2})");
    EXPECT_EQ(status_json("ID", Answer{"ID", Decision::cancelled, 0}),
              R"({"application":"ID","code":"cancelled","state":"cancelled","tickets":0})");
    EXPECT_EQ(status_json("ID", Answer{"ID", Decision::waiting, 2}),
              R"({"application":"ID","state":"waiting","tickets":0})");
    EXPECT_EQ(status_json("ID", Answer{"ID", Decision::lapsed, 0}),
              R"({"application":"ID","code":"lapsed","state":"refused","tickets":0})");
    EXPECT_EQ(status_json("ID", Answer{"ID", Decision::sold_out, 0}),
              R"({"application":"ID","code":"sold_out","state":"refused","tickets":0})");
}

} // namespace
} // namespace mogiri::module
