// Base32 (RFC 4648, section 6) in upper case without padding, strict when read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mogiri {

// 8 characters for each 5 bytes; a last group of n bytes takes ceil(8n/5) characters.
std::string base32_encode(std::span<const std::uint8_t> bytes);

// Nothing when a character is outside A-Z2-7, when the length cannot be, or when a spare bit is set,
// so that every byte string has exactly one spelling.
std::optional<std::vector<std::uint8_t>> base32_decode(std::string_view text);
// The same into `bytes`, which must be as many as the text's length tells. Whether it could be read.
bool base32_decode(std::string_view text, std::span<std::uint8_t> bytes);

} // namespace mogiri
