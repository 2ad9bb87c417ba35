// What text that people type may consist of: encoding, invisible characters, alphabets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mogiri {

// RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

// The functions below want valid UTF-8.

// Without the blanks at both ends, the full-width one (U+3000) that Japanese input leaves there included.
std::string_view trimmed(std::string_view text);

// With U+FF01–U+FF5E and the full-width blank as ASCII: what a Japanese keyboard makes of digits, letters and
// signs.
std::string folded(std::string_view text);

// C0 and DEL, U+0080–U+009F, U+2028, U+2029 and the directional controls that turn a line of text around.
// `lines`: whether line feeds are allowed.
bool has_control_character(std::string_view text, bool lines = false);

// Whether nothing of it can be seen: blanks and characters of no width only.
bool is_invisible(std::string_view text);

// Code points, not bytes.
std::int64_t characters(std::string_view text);

// Letters of the basic Latin alphabet, blanks, and - ' .
bool is_roman_name(std::string_view text);

// Hiragana and full-width katakana with their marks, blanks, and the middle dot.
bool is_kana_name(std::string_view text);

} // namespace mogiri
