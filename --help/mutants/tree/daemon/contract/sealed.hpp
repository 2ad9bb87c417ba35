// Secrets on their way through Redis, sealed so that its files and its log hold none: passwords, links'
// tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "master_keys.hpp"

namespace mogiri {

// XSalsa20-Poly1305 under a key derived from the master keys, in base32; other bytes every time.
std::string seal(const MasterKeys& keys, std::string_view purpose, std::string_view secret);
// Nothing when it was not sealed with one of these keys for this purpose.
std::optional<std::string> unseal(const MasterKeys& keys, std::string_view purpose, std::string_view sealed);

// The token of a link that was sent by mail: its number, and a seal that only the master keys can make, so
// that nothing that is stored lets anybody in. 39 base32 characters.
std::string link_token(const MasterKeys& keys, std::int64_t number);
// Nothing when it is none of ours.
std::optional<std::int64_t> link_number(const MasterKeys& keys, std::string_view token);

} // namespace mogiri
