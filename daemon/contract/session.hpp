// Who somebody is that has logged in, or a program that has a key: what nginx's workers find under the
// secret's hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master_keys.hpp"

namespace mogiri {

// A role at one event, or at all.
struct Grant {
    std::string role;
    std::optional<std::uint32_t> event = std::nullopt;
    bool operator==(const Grant&) const = default;
};

struct Principal {
    std::string actor; // "account:12", "key:3"
    std::string name;
    std::vector<Grant> grants;
    std::vector<std::string> scopes =
        {}; // of a key: "ticket:read", "ticket:write", …; all of them are needed
    bool operator==(const Principal&) const = default;

    bool is_key() const { return actor.starts_with("key:"); }
    // Whether it has the role at the event.
    bool has(std::string_view role, std::uint32_t event) const;
    bool has_everywhere(std::string_view role) const;
};

std::string encode(const Principal& principal);
// Throws std::invalid_argument.
Principal decode_principal(std::string_view json);

// What `{people}:session:<hash>` holds: "<idle ms> <absolute end ms> <the principal>". mogiri_session reads
// it.
std::string session_text(const Principal& principal, std::int64_t idle_ms, std::int64_t ends_ms);

// 160 random bits: of a session, of a program's key ("mk_…").
std::string new_token();
inline constexpr std::string_view api_key_prefix = "mk_";
// The same for the same request, so that its repeat is told the same; nobody guesses it without the master
// keys. `request`: whose it is, its idempotency key and its body.
std::string repeatable_token(const MasterKeys& keys, std::uint32_t event, std::string_view request);
// As it is kept: SHA-256 in hex. The token's own bits are random, so that nothing slower is needed.
std::string token_hash(std::string_view token);

// What a key may be given, without ":read" and ":write".
inline constexpr std::string_view scoped_things[] = {
    "application", "ticket",      "user", "event", "form",      "device", "mail",
    "mailing",     "suppression", "scan", "audit", "analytics", "export"};

} // namespace mogiri
