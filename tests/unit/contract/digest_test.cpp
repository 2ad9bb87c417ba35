// SHA-256 and HMAC, around the lengths at which a hash takes another block.
#include <digest.hpp>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>

namespace mogiri {
namespace {

TEST(Digest, isSha256OfAnyLength) {
    EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-4
    std::string text;
    for (int size = 0; size < 200; ++size, text += static_cast<char>(size)) {
        Digest wanted;
        ASSERT_EQ(EVP_Digest(text.data(), text.size(), wanted.data(), nullptr, EVP_sha256(), nullptr), 1);
        EXPECT_EQ(hex(sha256(text)), hex(wanted)) << size;
    }
}

TEST(Digest, isHmacOfAnyLength) {
    Secret key;
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<std::uint8_t>(7 * i);
    const HmacKey known(key);
    std::string text;
    for (int size = 0; size < 200; ++size, text += static_cast<char>(size)) {
        Digest wanted;
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
             wanted.data(), nullptr);
        EXPECT_EQ(hex(known(text)), hex(wanted)) << size;
    }
}

} // namespace
} // namespace mogiri
