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

namespace {

constexpr std::size_t block = SHA256_CBLOCK;

Digest digest_of(const SHA256_CTX& state) {
    Digest digest;
    for (std::size_t i = 0; i < digest.size() / 4; ++i) { // word by word: one instruction each
        const std::uint32_t word = state.h[i];
        digest[4 * i] = static_cast<std::uint8_t>(word >> 24);
        digest[4 * i + 1] = static_cast<std::uint8_t>(word >> 16);
        digest[4 * i + 2] = static_cast<std::uint8_t>(word >> 8);
        digest[4 * i + 3] = static_cast<std::uint8_t>(word);
    }
    return digest;
}

// Ends a hash that has taken whole blocks so far. What is left nearly always fits into one more with the end mark and the length:
// that one is hashed without OpenSSL's bookkeeping.
Digest ended(SHA256_CTX& state, std::uint64_t taken, std::string_view rest) {
    constexpr std::size_t length_size = 8;
    if (rest.size() >= block - length_size) {
        Digest digest;
        SHA256_Update(&state, rest.data(), rest.size());
        SHA256_Final(digest.data(), &state);
        return digest;
    }
    std::array<std::uint8_t, block> last{};
    *std::copy(rest.begin(), rest.end(), last.begin()) = 0x80;
    const std::uint64_t bits = 8 * (taken + rest.size());
    for (std::size_t i = 0; i < length_size; ++i)
        last[block - 1 - i] = static_cast<std::uint8_t>(bits >> 8 * i);
    SHA256_Transform(&state, last.data());
    return digest_of(state);
}

} // namespace

Digest sha256(std::string_view data) {
    SHA256_CTX state;
    SHA256_Init(&state);
    return ended(state, 0, data);
}

HmacKey::HmacKey(const Secret& key) {
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
    std::memcpy(&state, inner_.bytes.data(), sizeof state);
    const Digest inner = ended(state, block, data);
    std::memcpy(&state, outer_.bytes.data(), sizeof state);
    return ended(state, block, {reinterpret_cast<const char*>(inner.data()), inner.size()});
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
