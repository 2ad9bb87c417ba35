// A roster from CSV: what is read, and every bad row with its line, column and remedy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "roster_file.hpp"

using namespace mogiri;
using namespace mogiri::daemon;

namespace {

RosterFile read(std::string_view text) {
    Form form;
    form.domains = {"example.jp"};
    return read_roster_file(text, form);
}

struct Bad {
    std::string row;
    std::size_t line;
    std::string column;
};

} // namespace

TEST(RosterFile, ReadsWhatSpreadsheetsWrite) {
    const RosterFile file = read("\xef\xbb\xbf\"class\",id,name,address\r\n"
                                 "S2E,S2E01,\"山田, \"\"太郎\"\"\",Taro+x@EXAMPLE.jp\r\n"
                                 "\r\n"
                                 "S2E, S2E02 ,鈴木,");
    EXPECT_TRUE(file.bad.empty());
    ASSERT_EQ(file.entries.size(), 2U);
    EXPECT_EQ(file.entries[0].id, "S2E01");
    EXPECT_EQ(file.entries[0].name, "山田, \"太郎\"");
    EXPECT_EQ(file.entries[0].address, "taro@example.jp");
    EXPECT_EQ(file.entries[0].class_name, "S2E");
    EXPECT_EQ(file.entries[1].id, "S2E02");
    EXPECT_EQ(file.entries[1].address, "");
}

TEST(RosterFile, EveryBadRowIsNamed) {
    const std::string good = "S2E01,Taro,,S2E\n";
    for (const Bad& bad :
         {Bad{",Taro,,S2E", 3, "id"}, Bad{"S2E01,Taro,,S2E", 3, "id"},
          Bad{"S2E02,Taro,nowhere,S2E", 3, "address"}, Bad{"S2E02,Taro,a@example.com,S2E", 3, "address"},
          Bad{"S2E02,Taro,,", 0, ""}, Bad{"S2E02,Taro,S2E", 3, ""}, Bad{"S2E02,Taro,,S2E,x", 3, ""},
          Bad{"S2E02,\xff,,S2E", 3, "name"}, Bad{"S2E02,\"two\nlines\",,S2E", 3, "name"},
          Bad{"S2E02,\"Taro\"x,,S2E", 3, ""}, Bad{"S2E02,\"Taro,,S2E", 3, ""},
          Bad{"S2E02," + std::string(201, 'x') + ",,S2E", 3, "name"}}) {
        const RosterFile file = read("id,name,address,class\n" + good + bad.row);
        if (bad.line == 0) {
            EXPECT_TRUE(file.bad.empty()) << bad.row;
            continue;
        }
        ASSERT_EQ(file.bad.size(), 1U) << bad.row;
        EXPECT_EQ(file.bad[0].line, bad.line) << bad.row;
        EXPECT_EQ(file.bad[0].column, bad.column) << bad.row;
        EXPECT_FALSE(file.bad[0].remedy.empty());
        EXPECT_EQ(file.entries.size(), 1U) << bad.row;
    }
    const RosterFile later = read("id,name,address,class\nA,\"x\ny\",,\nB,,,\n,,,\n");
    ASSERT_EQ(later.bad.size(), 2U);
    EXPECT_EQ(later.bad[1].line, 5U); // a value over two lines counts as two
}

TEST(RosterFile, HeaderMustNameTheColumns) {
    for (const char* text : {"", "id,name\n", "id,name,address,class,more\n", "id,name,address,grade\n"})
        EXPECT_THROW(read(text), RosterFileError) << text;
}
