// SHA-256 and HMAC-SHA256 as the contract uses them, by OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mogiri {

using Digest = std::array<std::uint8_t, 32>;
using Secret = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view data);
Digest hmac_sha256(const Secret& key, std::string_view data);

// Compares without telling by its time where the first difference is.
bool equal_in_constant_time(std::string_view left, std::string_view right);

std::string hex(std::span<const std::uint8_t> bytes);

// Cryptographically random bytes (libsodium).
void random_bytes(std::span<std::uint8_t> out);

} // namespace mogiri
