// What a scanner holds for the time without a network: each ticket's digest, kind and use, and names that
// only the tickets' own codes open. WIRE.md, "Offline bundle", has the layout for who writes a scanner.
//
// No key is in it. A lost scanner reveals nobody, and no code can be made from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "master_keys.hpp"

namespace mogiri {

struct BundleUse {
    std::uint8_t day = 0;
    std::uint8_t inside = 0;
    std::uint16_t used = 0; // admissions that count
};

struct BundleTicket {
    std::uint64_t serial = 0;
    std::uint8_t kind = 0; // its index in the head's "kinds"
    bool revoked = false;
    std::string digest; // 8 bytes
    std::vector<BundleUse> uses;
};

inline constexpr std::string_view bundle_type = "application/vnd.mogiri.bundle";
inline constexpr std::string_view tickets_magic = "MGB1", names_magic = "MGN1";

// 16 bytes, of an event and the key that signs.
std::string bundle_salt(const MasterKeys& keys, std::uint32_t event, std::uint8_t key_id);
// The first 8 bytes of SHA-256 over salt and code.
std::string code_digest(std::string_view salt, std::string_view code);

// AES-256-GCM under a key that HKDF-SHA256 makes of code (its input), salt and "mogiri name": nonce 12,
// sealed name, tag 16. The name is filled up with zero bytes to a multiple of 32. The same each time. Throws
// std::runtime_error.
std::string seal_name(std::string_view salt, std::string_view code, std::string_view name);

// Magic, the length of the head in 4 bytes, the head (JSON).
std::string bundle_head(std::string_view magic, std::string_view json);
// serial 5, kind 1, flags 1 (1: revoked), digest 8, number of days 1, then per day: day 1, inside 1, used 2.
std::string encode(const BundleTicket& ticket);
// serial 5, length 2, sealed name.
std::string encode_name(std::uint64_t serial, std::string_view sealed);

} // namespace mogiri
