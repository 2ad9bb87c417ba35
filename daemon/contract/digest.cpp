// SHA-256 and HMAC by OpenSSL, random bytes by libsodium.
//
// SHA256() and HMAC() of OpenSSL 3 look their algorithm up anew each time, which costs several times what the
// digest does; the functions below do not, and are marked as deprecated for it.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "digest.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace mogiri {

Digest sha256(std::string_view data) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, data.data(), data.size());
    Digest digest;
    SHA256_Final(digest.data(), &state);
    return digest;
}

HmacKey::HmacKey(const Secret& key) {
    constexpr std::size_t block = SHA256_CBLOCK;
    static_assert(sizeof(State) == sizeof(SHA256_CTX) && std::tuple_size_v<Secret> <= block);
    for (const auto& [state, pad] : {std::pair(&inner_, 0x36), std::pair(&outer_, 0x5c)}) {
        std::array<std::uint8_t, block> padded{};
        std::copy(key.begin(), key.end(), padded.begin());
        for (std::uint8_t& byte : padded)
            byte = static_cast<std::uint8_t>(byte ^ pad);
        SHA256_CTX begun;
        SHA256_Init(&begun);
        SHA256_Update(&begun, padded.data(), block);
        std::memcpy(state->bytes.data(), &begun, sizeof begun);
    }
}

Digest HmacKey::operator()(std::string_view data) const {
    SHA256_CTX state;
    Digest digest;
    std::memcpy(&state, inner_.bytes.data(), sizeof state);
    SHA256_Update(&state, data.data(), data.size());
    SHA256_Final(digest.data(), &state);
    std::memcpy(&state, outer_.bytes.data(), sizeof state);
    SHA256_Update(&state, digest.data(), digest.size());
    SHA256_Final(digest.data(), &state);
    return digest;
}

Digest hmac_sha256(const Secret& key, std::string_view data) {
    return HmacKey(key)(data);
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
