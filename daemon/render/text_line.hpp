// A text set by pango into its box: in its size, smaller, on several lines, or cut, as the layout permits.
#pragma once

#include <string_view>

#include <pango/pangocairo.h>

#include "../owned.hpp"
#include "layout.hpp"

namespace mogiri::daemon {

// Belongs to the thread that made it, as pango's fonts do.
struct TextLine {
    Owned<PangoLayout, g_object_unref> layout;
    double x = 0, y = 0; // in the picture, where the layout is to be shown
    double share = 1;    // of the size that was asked for
    bool cut = false;
    int missing_glyphs = 0;
};

// `language`: "ja" or "en", decides which shape a character of Chinese origin takes.
TextLine set_line(const TextPlace& place, std::string_view text, std::string_view language);

} // namespace mogiri::daemon
