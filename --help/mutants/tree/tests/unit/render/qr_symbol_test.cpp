// A ticket's code makes the smallest symbol that the design promises.
#include <render/qr_symbol.hpp>

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace mogiri::daemon {
namespace {

TEST(QrSymbol, ThirtyFourAlphanumericCharactersAreVersionThreeAtLevelH) {
    const QrSymbol symbol("AEAAAAIAAAAAAAHX5BZQ3WLTR7PGMJ4VIE", ErrorCorrection::H);
    EXPECT_EQ(symbol.version(), 3);
    EXPECT_EQ(symbol.width(), 29);
}

TEST(QrSymbol, LowerCaseNeedsTheBytesModeAndMoreRoom) {
    EXPECT_GT(QrSymbol("aeaaaaiaaaaaaahx5bzq3wltr7pgmj4vie", ErrorCorrection::H).version(), 3);
}

TEST(QrSymbol, RefusesWhatFitsNowhere) {
    EXPECT_THROW(QrSymbol("", ErrorCorrection::H), std::invalid_argument);
    EXPECT_THROW(QrSymbol(std::string(5000, 'A'), ErrorCorrection::H), std::invalid_argument);
}

} // namespace
} // namespace mogiri::daemon
