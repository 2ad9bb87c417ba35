// What a text covers of the picture, pixel by pixel.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "layout.hpp"

namespace mogiri::daemon {

struct TextMask {
    Rectangle box;                      // what the ink needs, inside the text's place, in the picture
    std::vector<std::uint8_t> coverage; // 0–255, rows of box.width
};

// The last row of the place stays free, so that the row below it is the same on every ticket. Colours of a
// font (emoji) are taken for their darkness. Any thread may call this.
TextMask draw_text(const TextPlace& place, std::string_view text, std::string_view language);

} // namespace mogiri::daemon
