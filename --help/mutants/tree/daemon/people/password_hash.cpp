// Passwords as they are kept: argon2id, by libsodium.
#include "password_hash.hpp"

#include <array>
#include <stdexcept>

#include <sodium.h>

namespace mogiri::daemon {

namespace {

// OWASP's minimum for argon2id is 19 MiB and 2 passes; we can afford more, 0.1 s for each login.
constexpr unsigned long long passes = 2;
constexpr std::size_t memory = 64 << 20;

void prepare() {
    if (sodium_init() < 0)
        throw std::runtime_error("libsodium finds no source of random bytes");
}

} // namespace

std::string hash_password(std::string_view password) {
    prepare();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), passes, memory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::runtime_error("the password could not be hashed: 64 MiB of memory are needed");
    return hash.data();
}

bool password_fits(const std::optional<std::string>& hash, std::string_view password) {
    prepare();
    static const std::string of_nobody = hash_password("whose password this is nobody knows");
    const std::string& kept = hash ? *hash : of_nobody;
    return crypto_pwhash_str_verify(kept.c_str(), password.data(), password.size()) == 0 && hash.has_value();
}

bool hash_is_outdated(const std::string& hash) {
    return crypto_pwhash_str_needs_rehash(hash.c_str(), passes, memory) != 0;
}

} // namespace mogiri::daemon
