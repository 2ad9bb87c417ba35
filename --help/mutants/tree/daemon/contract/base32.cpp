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
    const std::size_t spare = text.size() * 5 % 8;
    if (spare >= 5)
        return std::nullopt; // a whole character that no byte needs
    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size() * 5 / 8);
    std::uint32_t buffer = 0;
    int bits = 0;
    for (char character : text) {
        const int value = values[static_cast<std::uint8_t>(character)];
        if (value < 0)
            return std::nullopt;
        buffer = buffer << 5 | static_cast<std::uint32_t>(value);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(buffer >> bits));
            buffer &= (1U << bits) - 1;
        }
    }
    if (buffer != 0)
        return std::nullopt;
    return bytes;
}

} // namespace mogiri
