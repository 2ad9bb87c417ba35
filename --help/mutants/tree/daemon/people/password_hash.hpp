// Passwords as they are kept: argon2id, by libsodium.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mogiri::daemon {

inline constexpr std::size_t shortest_password = 8, longest_password = 1024; // bytes

inline bool password_is_acceptable(std::string_view password) {
    return password.size() >= shortest_password && password.size() <= longest_password;
}

// "$argon2id$…"; takes 64 MiB and a tenth of a second. Throws std::runtime_error when there is no memory.
std::string hash_password(std::string_view password);

// `hash`: none when nobody of that name may log in. It takes as long as with one then, so that its time tells
// nothing.
bool password_fits(const std::optional<std::string>& hash, std::string_view password);

// Whether the hash was made with other costs than ours.
bool hash_is_outdated(const std::string& hash);

} // namespace mogiri::daemon
