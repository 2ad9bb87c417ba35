// Tells old codes by their shape, and digests them.
#include "old_code.hpp"

#include <algorithm>
#include <span>

#include "digest.hpp"

namespace mogiri {

namespace {

constexpr std::size_t length = 64, digest_bytes = 16;

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

} // namespace

bool is_old_code(std::string_view code) {
    return code.size() == length && std::all_of(code.begin(), code.end(), is_hex_digit);
}

std::string old_code_digest(std::string_view code) {
    std::string lower(code);
    for (char& c : lower)
        if (c >= 'A' && c <= 'F')
            c = static_cast<char>(c - 'A' + 'a');
    const Digest digest = sha256(lower);
    return hex(std::span(digest).first(digest_bytes));
}

} // namespace mogiri
