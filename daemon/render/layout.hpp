// A ticket's layout as data: templates/tickets/<layout>/layout.toml.
//
//   background = "background.png"      PNG or JPEG in the same folder; the ticket is as large as this picture
//   resolution = 300                   pixels to an inch where it is printed (300)
//   [qr]      x, y, size               the square that it fills, quiet zone included, in pixels
//             dark, light              colours, "#rrggbb"
//             error_correction         "L" "M" "Q" "H" (H), quiet_zone in modules (4)
//   [[text]]  text                     with placeholders: "{guest}", or { ja = …, en = … }
//             x, y, anchor             where it stands; the anchor is the place of that point in its box:
//                                      "center", "left", "right", "top", "bottom", "top left", …  ("center")
//             width, height            the box; a text too large for it is set smaller, at last cut with "…"
//             wrap                     true: on as many lines as the box has room for, where it stands larger
//                                      there than on one (false)
//             font, size, weight       a family, pixels, 100–900 (400)
//             smallest                 pixels, how small it may be set before it is cut (45 % of size)
//             colour, tracking         "#rrggbb", pixels between letters (0)
//
// x and y count from the left upper corner. Placeholders are told in placeholders.hpp.
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
    int size = 0, smallest = 0, weight = 400, tracking = 0;
    bool wrap = false;
    Colour colour;
    const std::string& in(std::string_view language) const { return language == "en" ? en : ja; }
};

struct Layout {
    std::filesystem::path file; // where it was read from
    std::filesystem::path background;
    int resolution = 300; // pixels to an inch
    QrPlace qr;
    std::vector<TextPlace> texts;

    // Both throw LayoutError. `file`: what refusals name, and beside which the background is.
    static Layout load(const std::filesystem::path& file);
    static Layout parse(std::string_view text, const std::filesystem::path& file);
};

} // namespace mogiri::daemon
