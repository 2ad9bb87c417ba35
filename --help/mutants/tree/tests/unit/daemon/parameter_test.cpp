// Values on their way into statements: as text, as lists, and never cut.
#include <gtest/gtest.h>

#include "database.hpp"

namespace mogiri::daemon {

namespace {

TEST(ParameterText, Scalars) {
    EXPECT_STREQ(Parameter(std::int64_t{-42}).text(), "-42");
    EXPECT_STREQ(Parameter(std::uint8_t{7}).text(), "7");
    EXPECT_STREQ(Parameter(true).text(), "t");
    EXPECT_STREQ(Parameter("山田").text(), "山田");
    EXPECT_EQ(Parameter(std::nullopt).text(), nullptr);
    EXPECT_EQ(Parameter(std::optional<std::string>()).text(), nullptr);
    EXPECT_STREQ(Parameter(Bytes{std::string_view("\0\xff", 2)}).text(), "\\x00ff");
}

TEST(ParameterText, ListsQuoteEveryElement) {
    EXPECT_STREQ(Parameter(std::vector<int>{}).text(), "{}");
    EXPECT_STREQ(Parameter(std::vector<int>{1, 2}).text(), R"({"1","2"})");
    EXPECT_STREQ(Parameter(std::vector<std::string>{"a,b", "q\"\\", "", "NULL"}).text(),
                 R"({"a,b","q\"\\","","NULL"})");
    EXPECT_STREQ(Parameter(std::vector<std::optional<std::string>>{std::nullopt, "x"}).text(),
                 R"({NULL,"x"})");
    EXPECT_STREQ(Parameter(std::vector<Bytes>{{"A"}}).text(), R"({"\\x41"})");
}

TEST(ParameterText, NulIsRefusedAsTheDatabaseWould) {
    try {
        Parameter(std::string_view("a\0b", 3));
        FAIL() << "taken";
    } catch (const RefusedStatement& refused) {
        EXPECT_EQ(refused.sqlstate(), "22021");
        EXPECT_TRUE(refused.blames_data());
    }
}

TEST(Blame, DataIsToBlameNeverTheMoment) {
    for (const char* data : {"22001", "23505", "23514", "P0001", "21000"})
        EXPECT_TRUE(RefusedStatement(data, "").blames_data()) << data;
    for (const char* moment : {"40001", "40P01", "53100", "53200", "55P03", "57014", "25006", "42703"})
        EXPECT_FALSE(RefusedStatement(moment, "").blames_data()) << moment;
}

} // namespace

} // namespace mogiri::daemon
