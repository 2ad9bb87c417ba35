// What an organiser reads before an event is changed.
#include <gtest/gtest.h>

#include <json_owner.hpp>

#include "ledger/json_changes.hpp"

namespace mogiri::daemon {

namespace {

std::vector<std::string> changes(const char* before, const char* after) {
    return json_changes(parse_json(before).get(), parse_json(after).get());
}

TEST(JsonChanges, OneLineForEachValue) {
    EXPECT_TRUE(changes(R"({"a":1,"b":[{"c":2}]})", R"({"b":[{"c":2}],"a":1})").empty());
    EXPECT_EQ(changes(R"({"form":[{"limit":2,"x":1}],"gate":[1]})",
                      R"({"form":[{"limit":10}],"gate":[1,2],"y":true})"),
              (std::vector<std::string>{"form[0].limit: 2 -> 10", "form[0].x: removed (was 1)",
                                        "gate[1]: added 2", "y: added true"}));
}

TEST(JsonChanges, LongValuesAreCutBetweenCharacters) {
    const std::string name(90, 'a');
    const std::vector<std::string> lines =
        changes(R"({"a":""})", R"({"a":"音楽祭音楽祭音楽祭音楽祭音楽祭音楽祭音楽祭音楽祭音楽祭"})");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0], R"(a: "" -> "音楽祭音楽祭音楽祭音楽祭音楽祭音楽祭音…)");
}

} // namespace

} // namespace mogiri::daemon
