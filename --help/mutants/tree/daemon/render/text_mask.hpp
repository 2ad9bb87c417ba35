// A line of text set by pango into a box: how much of each pixel it covers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "layout.hpp"

namespace mogiri::daemon {

struct TextMask {
    Rectangle box;                      // where it stands in the picture
    std::vector<std::uint8_t> coverage; // 0–255, rows of box.width
};

// `language`: "ja" or "en", decides which shape a character of Chinese origin takes. Pango keeps its fonts
// per thread, so any thread may call this.
TextMask set_text(const TextPlace& place, std::string_view text, std::string_view language);

} // namespace mogiri::daemon
