// Who may ask for what, and which requests our own pages made.
#include <gtest/gtest.h>

#include "api/access.hpp"
#include "api/order.hpp"
#include "daemon/contract/sealed.hpp"

namespace mogiri::module {
namespace {

const MasterKeys keys = MasterKeys::parse("1 " + std::string(64, 'a'));

TEST(Access, roles_hold_at_their_event) {
    const Principal everywhere{"account:1", "a", {{"staff"}}}, here{"account:2", "b", {{"admin", 1}}};
    const Wanted read{who::staff | who::admin, "ticket.list", false},
        all{who::admin | who::staff | who::all_events, "user.list", false};
    EXPECT_TRUE(may(everywhere, read, 1));
    EXPECT_TRUE(may(everywhere, all, 1));
    EXPECT_TRUE(may(here, read, 1));
    EXPECT_FALSE(may(here, read, 2));
    EXPECT_FALSE(may(here, all, 1));
    EXPECT_FALSE(may(everywhere, {who::admin, "ticket.revoke", true}, 1));
    EXPECT_TRUE(may({"account:3", "c", {}}, {who::member, "me.show", false}, 1));
    EXPECT_FALSE(may(everywhere, {who::nobody, "ticket.list", false}, 1));
}

TEST(Access, a_key_needs_its_scope_and_its_role) {
    const Principal key{"key:1", "k", {{"staff", 1}}, {"ticket:read"}};
    EXPECT_TRUE(may(key, {who::staff, "ticket.list", false}, 1));
    EXPECT_FALSE(may(key, {who::staff, "ticket.list", false}, 2));
    EXPECT_FALSE(may(key, {who::staff, "ticket.revoke", true}, 1));
    EXPECT_FALSE(may(key, {who::staff, "application.list", false}, 1));
    EXPECT_FALSE(may(key, {who::admin, "ticket.list", false}, 1));
    EXPECT_FALSE(may(key, {who::member, "me.show", false}, 1));
}

TEST(Access, only_our_own_pages_use_a_session) {
    EXPECT_TRUE(is_own({"same-origin", std::nullopt, "a.example"}));
    EXPECT_TRUE(is_own({"none", std::nullopt, "a.example"}));
    EXPECT_FALSE(is_own({"same-site", "https://a.example", "a.example"}));
    EXPECT_FALSE(is_own({"cross-site", std::nullopt, "a.example"}));
    EXPECT_TRUE(is_own({std::nullopt, "https://a.example:8443", "a.example:8443"}));
    for (const char* origin : {"https://b.example", "null", "https://a.example.evil", "a.example", ""})
        EXPECT_FALSE(is_own({std::nullopt, origin, "a.example"})) << origin;
    EXPECT_FALSE(is_own({std::nullopt, std::nullopt, "a.example"}));
    EXPECT_FALSE(is_own({std::nullopt, "https://", ""}));
}

TEST(Access, finds_the_cookie_among_others) {
    EXPECT_EQ(cookie_in("__Host-mogiri=abc", session_cookie), "abc");
    EXPECT_EQ(cookie_in("a=1; __Host-mogiri=abc; b=2", session_cookie), "abc");
    EXPECT_EQ(cookie_in("x__Host-mogiri=abc; y=__Host-mogiri=q", session_cookie), std::nullopt);
    EXPECT_EQ(cookie_in("__Host-mogiri", session_cookie), std::nullopt);
    EXPECT_EQ(cookie_in(";;= ;", session_cookie), std::nullopt);
}

TEST(Access, arguments_hold_no_secret) {
    const auto made = api_arguments({.pattern = "/api/v1/users/{user}/x",
                                     .path = "/api/v1/users/12/x",
                                     .query = "state=a%20b&limit=5",
                                     .body = R"({"password":"hunter2 hunter2","name":"n"})",
                                     .if_match = "\"3\""},
                                    keys);
    const std::string& text = std::get<std::string>(made);
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    EXPECT_EQ(text.find(R"({"body":{"name":"n","password":{"sealed":")"), 0U) << text;
    EXPECT_NE(text.find(R"("if_match":"3","path":{"user":"12"},"query":{"limit":"5","state":"a b"}})"),
              std::string::npos)
        << text;
    for (const char* broken : {"[]", "{", "5", R"({"a":1,"a":2})", R"({"a":"\u0000"})"})
        EXPECT_TRUE(std::holds_alternative<Problem>(
            api_arguments({.pattern = "/a", .path = "/a", .body = broken}, keys)))
            << broken;
}

TEST(Access, what_is_sealed_opens_with_its_keys_alone) {
    const std::string sealed = seal(keys, "password", "secret");
    EXPECT_EQ(unseal(keys, "password", sealed), "secret");
    EXPECT_NE(seal(keys, "password", "secret"), sealed);
    EXPECT_EQ(unseal(keys, "token", sealed), std::nullopt);
    EXPECT_EQ(unseal(MasterKeys::parse("1 " + std::string(64, 'b')), "password", sealed), std::nullopt);
    for (const std::string& broken :
         {std::string(), std::string("AAAA"), sealed.substr(8), sealed + "AAAAAAAA"})
        EXPECT_EQ(unseal(keys, "password", broken), std::nullopt);
    const std::string token = link_token(keys, 7);
    EXPECT_EQ(link_number(keys, token), 7);
    EXPECT_EQ(link_number(keys, "A" + token.substr(1)),
              token[0] == 'A' ? link_number(keys, token) : std::nullopt);
    EXPECT_EQ(link_number(keys, token.substr(0, 38)), std::nullopt);
}

} // namespace
} // namespace mogiri::module
