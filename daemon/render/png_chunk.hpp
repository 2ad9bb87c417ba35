// The pieces that every PNG file is made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "picture.hpp"

namespace mogiri::daemon {

// Big-endian, as PNG and zlib spell numbers.
void append_number(std::string& out, std::uint32_t number);

// A chunk with its length and checksum.
void append_chunk(std::string& out, std::string_view type, std::string_view data);

// Signature, size, and the palette if there is one.
std::string png_head(const Picture& picture);

} // namespace mogiri::daemon
