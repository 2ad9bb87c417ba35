// SHA-256 and HMAC by OpenSSL, random bytes by libsodium.
#include "digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdexcept>

namespace mogiri {

Digest sha256(std::string_view data) {
    Digest digest;
    SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
    return digest;
}

Digest hmac_sha256(const Secret& key, std::string_view data) {
    Digest digest;
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), &size))
        throw std::runtime_error("OpenSSL refused HMAC-SHA256");
    return digest;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

void random_bytes(std::span<std::uint8_t> out) {
    if (sodium_init() < 0)
        throw std::runtime_error("libsodium finds no source of random bytes");
    randombytes_buf(out.data(), out.size());
}

} // namespace mogiri
