// Form tokens and application ids.
#include "form_token.hpp"

#include <gtest/gtest.h>

namespace mogiri {
namespace {

const MasterKeys keys =
    MasterKeys::parse("1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
constexpr std::int64_t now = 1'760'000'000'000;

TEST(FormToken, carries_one_submission) {
    const FormTokens tokens(keys);
    const std::string token = tokens.issue(1, "student", now);
    const auto key = tokens.verify(token, 1, "student", now + 1000);
    ASSERT_TRUE(key);
    EXPECT_EQ(tokens.verify(token, 1, "student", now + 2000), key);
    EXPECT_NE(tokens.verify(tokens.issue(1, "student", now), 1, "student", now), key);
}

TEST(FormToken, is_refused_elsewhere_later_and_changed) {
    const FormTokens tokens(keys);
    const std::string token = tokens.issue(1, "student", now);
    EXPECT_FALSE(tokens.verify(token, 2, "student", now));
    EXPECT_FALSE(tokens.verify(token, 1, "teacher", now));
    EXPECT_FALSE(tokens.verify(token, 1, "student", now + form_token_life_ms + 1));
    EXPECT_FALSE(tokens.verify(token, 1, "student", now - 120'000));
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(tokens.verify(changed, 1, "student", now)) << i;
    }
    EXPECT_FALSE(tokens.verify("", 1, "student", now));
}

TEST(ConfirmationToken, is_good_for_its_application_alone) {
    const std::string token = confirmation_token(keys, 1, "ID");
    EXPECT_EQ(token.size(), 26U);
    EXPECT_TRUE(confirms(keys, 1, "ID", token));
    EXPECT_FALSE(confirms(keys, 2, "ID", token));
    EXPECT_FALSE(confirms(keys, 1, "IE", token));
    EXPECT_FALSE(confirms(keys, 1, "ID", ""));
    EXPECT_FALSE(confirms(keys, 1, "ID", application_id(keys, 1, "ID")));
    const MasterKeys both =
        MasterKeys::parse("1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
                          "2 ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
    EXPECT_TRUE(confirms(both, 1, "ID", token)); // sent before the keys were changed
    EXPECT_TRUE(confirms(both, 1, "ID", confirmation_token(both, 1, "ID")));
}

TEST(ApplicationId, is_the_same_for_the_same_key_only) {
    const std::string id = application_id(keys, 1, "key");
    EXPECT_EQ(id.size(), 26U);
    EXPECT_TRUE(application_id_is_plausible(id));
    EXPECT_EQ(application_id(keys, 1, "key"), id);
    EXPECT_NE(application_id(keys, 2, "key"), id);
    EXPECT_NE(application_id(keys, 1, "kex"), id);
    EXPECT_FALSE(application_id_is_plausible(id + "A"));
}

TEST(ApplicationId, stays_while_keys_change) {
    const std::string first = "1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
    const std::string second = "2 ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
    EXPECT_EQ(application_id(MasterKeys::parse(first + second), 1, "key"), application_id(keys, 1, "key"));
}

} // namespace
} // namespace mogiri
