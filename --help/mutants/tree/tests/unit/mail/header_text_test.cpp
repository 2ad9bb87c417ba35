// Header values that strict readers take.
#include <mail/header_text.hpp>

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mogiri::daemon {
namespace {

TEST(HeaderText, LeavesShortAsciiAlone) {
    EXPECT_EQ(header_text("Your tickets for Music Festival (2)"), "Your tickets for Music Festival (2)");
    EXPECT_EQ(header_text(""), "");
}

TEST(HeaderText, SpellsTheRestInShortWords) {
    EXPECT_EQ(header_text("音楽祭"), "=?UTF-8?B?6Z+z5qW956Wt?=");
    std::string title;
    for (int i = 0; i < 60; ++i)
        title += i % 2 ? "𠮷" : "a祭";
    std::istringstream lines(header_text(title));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 76u - 10u) << line;
        EXPECT_THAT(line, testing::HasSubstr("=?UTF-8?B?"));
    }
}

TEST(HeaderText, EndsNoLine) {
    EXPECT_EQ(header_text("a\r\nBcc: x"), "a  Bcc: x");
    EXPECT_THAT(header_text(std::string("祭\r\nBcc: x\0y", 13)), testing::Not(testing::HasSubstr("Bcc")));
    EXPECT_THAT(header_text("\xff\xfe"), testing::StartsWith("=?UTF-8?B?"));
    // What looks like a word is spelled, so that it is read as it was written.
    EXPECT_THAT(header_text("=?UTF-8?B?eA==?="), testing::Not(testing::HasSubstr("eA==")));
}

TEST(HeaderMailbox, QuotesOldCarrierAddresses) {
    EXPECT_EQ(header_mailbox("", "hanako@example.jp"), "hanako@example.jp");
    EXPECT_EQ(header_mailbox("", "a..b.@docomo.ne.jp"), "\"a..b.\"@docomo.ne.jp");
    EXPECT_EQ(header_mailbox("音楽祭", "t@example.jp"), "=?UTF-8?B?6Z+z5qW956Wt?=\n <t@example.jp>");
}

} // namespace
} // namespace mogiri::daemon
