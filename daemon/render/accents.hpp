// Accents that follow their letters as characters of their own: "e" and U+0301.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mogiri::daemon {

// With one character in place of a letter and its accents where there is one ("é", "が"), for fonts draw
// those best. All others stay: Unicode's normal form would exchange the kanji of some names for common ones.
std::string composed(std::string_view text);

struct Span {
    std::size_t begin, end; // bytes
};

// The words in which accents are left.
std::vector<Span> accented_words(std::string_view text);

} // namespace mogiri::daemon
