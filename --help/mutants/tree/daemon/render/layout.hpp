// A ticket's layout as data: templates/tickets/<layout>/layout.toml.
//
//   background = "background.png"      in the same folder; the ticket is as large as this picture
//   [qr]      x, y, size               the square that it fills, quiet zone included, in pixels
//             dark, light              colours, "#rrggbb"
//             error_correction         "L" "M" "Q" "H" (H), quiet_zone in modules (4)
//   [[text]]  text                     with placeholders: "{guest}", or { ja = …, en = … }
//             x, y, anchor             where it stands; the anchor is the place of that point in its box:
//                                      "center", "left", "right", "top", "bottom", "top left", …  ("center")
//             width, height            the box; a text too large for it is set smaller, at last cut with "…"
//             font, size, weight       a family, pixels, 100–900 (400)
//             colour, tracking         "#rrggbb", pixels between letters (0)
//
// Texts in font units keep their size in pixels; x and y count from the left upper corner.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "picture.hpp"
#include "qr_symbol.hpp"

namespace mogiri::daemon {

// "layout.toml:12: qr.size = 10: must be from 29 to 4167".
class LayoutError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct QrPlace {
    int x = 0, y = 0, size = 0;
    int quiet_zone = 4;
    ErrorCorrection error_correction = ErrorCorrection::H;
    Colour dark, light;
    Rectangle box() const { return {x, y, size, size}; }
};

enum class Alignment { start, middle, end };

struct TextPlace {
    std::string ja, en;
    Rectangle box;
    Alignment horizontal = Alignment::middle, vertical = Alignment::middle;
    std::string font;
    int size = 0, weight = 400, tracking = 0;
    Colour colour;
    const std::string& in(std::string_view language) const { return language == "en" ? en : ja; }
};

struct Layout {
    std::filesystem::path file; // where it was read from
    std::filesystem::path background;
    QrPlace qr;
    std::vector<TextPlace> texts;

    // Throws LayoutError.
    static Layout load(const std::filesystem::path& file);
};

// What a text may ask for: guest, reference, applicant, position, count, and of the event
// event, event_en, kind, kind_en, days, days_en, contact.
bool is_placeholder(std::string_view name);

} // namespace mogiri::daemon
