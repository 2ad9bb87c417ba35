#include "text_mask.hpp"

#include <algorithm>
#include <cmath>
#include <new>

#include "text_line.hpp"

namespace mogiri::daemon {

namespace {

// Characters that some fonts have in colours begin here, but for a few that are found in text fonts as well.
bool may_have_colours(std::string_view text) {
    return std::ranges::any_of(text, [](char byte) { return static_cast<unsigned char>(byte) >= 0xf0; }) ||
           text.find("\xef\xb8\x8f") != text.npos || text.find("\xe2\x9a") != text.npos ||
           text.find("\xe2\x9c") != text.npos || text.find("\xe2\x9d") != text.npos;
}

// How dark a pixel is, drawn on white: of black letters their coverage, of a coloured picture its greys.
std::uint8_t darkness(std::uint32_t argb) {
    const unsigned alpha = argb >> 24, red = argb >> 16 & 0xff, green = argb >> 8 & 0xff, blue = argb & 0xff;
    return static_cast<std::uint8_t>(alpha - std::min(alpha, (red * 54 + green * 183 + blue * 19) / 256));
}

Rectangle ink_of(const TextLine& line, const TextPlace& place) {
    PangoRectangle ink;
    pango_layout_get_extents(line.layout.get(), &ink, nullptr);
    const auto pixels = [](int units) { return units / double{PANGO_SCALE}; };
    if (ink.width == 0 || ink.height == 0)
        return {};
    const int left = static_cast<int>(std::floor(line.x + pixels(ink.x))) - 1;
    const int top = static_cast<int>(std::floor(line.y + pixels(ink.y))) - 1;
    const int right = static_cast<int>(std::ceil(line.x + pixels(ink.x + ink.width))) + 1;
    const int bottom = static_cast<int>(std::ceil(line.y + pixels(ink.y + ink.height))) + 1;
    Rectangle place_but_last_row = place.box;
    --place_but_last_row.height;
    return Rectangle{left, top, right - left, bottom - top}.within(place_but_last_row);
}

} // namespace

TextMask draw_text(const TextPlace& place, std::string_view text, std::string_view language) {
    const TextLine line = set_line(place, text, language);
    TextMask mask{ink_of(line, place), {}};
    if (mask.box.width == 0 || mask.box.height == 0)
        return {};
    const bool coloured = may_have_colours(text);
    const Owned<cairo_surface_t, cairo_surface_destroy> surface(cairo_image_surface_create(
        coloured ? CAIRO_FORMAT_ARGB32 : CAIRO_FORMAT_A8, mask.box.width, mask.box.height));
    const Owned<cairo_t, cairo_destroy> cairo(cairo_create(surface.get()));
    cairo_move_to(cairo.get(), line.x - mask.box.x, line.y - mask.box.y);
    pango_cairo_show_layout(cairo.get(), line.layout.get());
    cairo_surface_flush(surface.get());
    if (cairo_status(cairo.get()) == CAIRO_STATUS_NO_MEMORY)
        throw std::bad_alloc();
    mask.coverage.resize(static_cast<std::size_t>(mask.box.width) *
                         static_cast<std::size_t>(mask.box.height));
    const unsigned char* rows = cairo_image_surface_get_data(surface.get());
    const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
    auto out = mask.coverage.begin();
    for (int y = 0; y < mask.box.height; ++y, rows += stride)
        if (coloured) {
            const auto* pixels = reinterpret_cast<const std::uint32_t*>(rows);
            out = std::transform(pixels, pixels + mask.box.width, out, darkness);
        } else {
            out = std::copy_n(rows, mask.box.width, out);
        }
    return mask;
}

} // namespace mogiri::daemon
