// Base32 without padding, one spelling for each byte string.
#include "base32.hpp"

#include <array>

namespace mogiri {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

constexpr std::array<std::int8_t, 256> values = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
    return table;
}();

} // namespace

std::string base32_encode(std::span<const std::uint8_t> bytes) {
    std::string text;
    text.reserve((bytes.size() * 8 + 4) / 5);
    std::uint32_t buffer = 0;
    int bits = 0;
    for (std::uint8_t byte : bytes) {
        buffer = buffer << 8 | byte;
        for (bits += 8; bits >= 5; bits -= 5)
            text += alphabet[buffer >> (bits - 5) & 31];
        buffer &= (1U << bits) - 1;
    }
    if (bits > 0)
        text += alphabet[buffer << (5 - bits) & 31];
    return text;
}

std::optional<std::vector<std::uint8_t>> base32_decode(std::string_view text) {
    std::vector<std::uint8_t> bytes(text.size() * 5 / 8);
    if (!base32_decode(text, bytes))
        return std::nullopt;
    return bytes;
}

bool base32_decode(std::string_view text, std::span<std::uint8_t> bytes) {
    if (text.size() * 5 % 8 >= 5 || bytes.size() != text.size() * 5 / 8)
        return false; // a whole character that no byte needs
    std::uint64_t buffer = 0;
    int bits = 0, wrong = 0;
    auto byte = bytes.begin();
    for (const char character : text) {
        const int value = values[static_cast<std::uint8_t>(character)];
        wrong |= value; // negative for good, once one is
        buffer = buffer << 5 | (static_cast<std::uint64_t>(value) & 31);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            *byte++ = static_cast<std::uint8_t>(buffer >> bits);
        }
    }
    return wrong >= 0 && (buffer & ((1U << bits) - 1)) == 0;
}

} // namespace mogiri
