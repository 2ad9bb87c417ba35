// ETags, and what Accept, If-None-Match and If-Match ask for.
#include <gtest/gtest.h>

#include "api/negotiation.hpp"

namespace mogiri::module {
namespace {

TEST(Negotiation, an_etag_tells_the_version_and_the_bytes) {
    const std::string one = etag_of(R"({"version":7,"a":1})"), other = etag_of(R"({"version":7,"a":2})");
    EXPECT_EQ(one.substr(0, 3), "\"7.");
    EXPECT_EQ(one.size(), 1 + 2 + 16 + 1);
    EXPECT_NE(one, other);
    EXPECT_EQ(version_in(one), "7");
    EXPECT_EQ(version_in("\"7\""), "7");
    EXPECT_EQ(version_in("7"), "7");
    EXPECT_EQ(version_in("*"), "*");
    EXPECT_EQ(version_in("\""), "\"");
    EXPECT_EQ(version_in(""), "");
    EXPECT_EQ(etag_of(R"({"items":[]})").size(), 18);
    EXPECT_EQ(etag_of(std::string_view("\x89PNG\0", 5)).size(), 18);
}

TEST(Negotiation, what_is_known_is_compared_weakly) {
    EXPECT_TRUE(is_known("\"1.a\"", "\"1.a\""));
    EXPECT_TRUE(is_known("\"0\", W/\"1.a\"", "\"1.a\""));
    EXPECT_TRUE(is_known("*", "\"1.a\""));
    EXPECT_FALSE(is_known("\"1\"", "\"1.a\""));
    EXPECT_FALSE(is_known("1.a", "\"1.a\""));
    EXPECT_FALSE(is_known("", "\"1.a\""));
}

TEST(Negotiation, accept_names_types_and_ranges) {
    for (const char* yes : {"", " ", "*/*", "application/json", "Application/JSON", "application/*",
                            "text/html, */*;q=0.8", "image/png , application/json; q=0.1"})
        EXPECT_TRUE(accepts(yes, "application/json")) << yes;
    for (const char* no : {"text/html", "image/*", "application/xml", "application/json;q=0", "*/*;q=0.0",
                           "application/jsonx", "json", ",", ";"})
        EXPECT_FALSE(accepts(no, "application/json")) << no;
}

} // namespace
} // namespace mogiri::module
