// Names of guests as names of files.
#include <mail/file_name.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mogiri::daemon {
namespace {

TEST(TicketFileName, IsTheGuests) {
    EXPECT_EQ(ticket_file_name("山田 花子"), "山田 花子.png");
    EXPECT_EQ(ticket_file_name("../a\\b:\"c\"\r\n"), "_a_b__c___.png");
    EXPECT_EQ(ticket_file_name(" . "), "ticket.png");
    EXPECT_EQ(ticket_file_name(""), "ticket.png");
}

TEST(TicketFileName, IsCutBetweenCharacters) {
    std::string guest;
    for (int i = 0; i < 100; ++i)
        guest += "髙";
    const std::string name = ticket_file_name(guest);
    EXPECT_LE(name.size(), 120u);
    EXPECT_EQ((name.size() - 4) % 3, 0u);
}

TEST(TicketFileName, TellsNamesakesApart) {
    EXPECT_THAT(ticket_file_names({"A", "A", "B", "A"}),
                testing::ElementsAre("A.png", "A (2).png", "B.png", "A (3).png"));
    EXPECT_THAT(ticket_file_names({"A (2)", "A", "A"}),
                testing::ElementsAre("A (2).png", "A.png", "A (3).png"));
}

} // namespace
} // namespace mogiri::daemon
