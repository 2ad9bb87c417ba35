// Numbers as big-endian bytes in strings: the byte order of every binary value on our wire.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mogiri {

template <int bytes> void put_number(std::string& out, std::uint64_t value) {
    char written[bytes];
    for (int i = 0; i < bytes; ++i)
        written[i] = static_cast<char>(value >> 8 * (bytes - 1 - i) & 0xff);
    out.append(written, bytes);
}

// Precondition: `at` + `bytes` lies within `text`.
template <int bytes> std::uint64_t number_at(std::string_view text, std::size_t at) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i)
        value = value << 8 | static_cast<std::uint8_t>(text[at + static_cast<std::size_t>(i)]);
    return value;
}

} // namespace mogiri
