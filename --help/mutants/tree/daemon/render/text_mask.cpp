#include "text_mask.hpp"

#include <algorithm>
#include <new>

#include <pango/pangocairo.h>

#include "../owned.hpp"

namespace mogiri::daemon {

namespace {

// Below this share of its size a text is cut rather than set smaller.
constexpr double smallest_share = 0.45;

int pango_width(PangoLayout* layout) {
    int width = 0;
    pango_layout_get_size(layout, &width, nullptr);
    return width;
}

int pango_height(PangoLayout* layout) {
    int height = 0;
    pango_layout_get_size(layout, nullptr, &height);
    return height;
}

Owned<PangoLayout, g_object_unref> make_layout(cairo_t* cairo, std::string_view text,
                                               std::string_view language) {
    Owned<PangoLayout, g_object_unref> layout(pango_cairo_create_layout(cairo));
    PangoContext* context = pango_layout_get_context(layout.get());
    // Unhinted, so that a text set smaller keeps its proportions.
    const Owned<cairo_font_options_t, cairo_font_options_destroy> options(cairo_font_options_create());
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options.get());
    pango_context_set_language(context, pango_language_from_string(std::string(language).c_str()));
    pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    return layout;
}

void set_size(PangoLayout* layout, const TextPlace& place, double share) {
    const Owned<PangoFontDescription, pango_font_description_free> font(pango_font_description_new());
    pango_font_description_set_family(font.get(), place.font.c_str());
    pango_font_description_set_weight(font.get(), static_cast<PangoWeight>(place.weight));
    pango_font_description_set_absolute_size(font.get(), place.size * share * PANGO_SCALE);
    pango_layout_set_font_description(layout, font.get());
    if (place.tracking != 0) {
        const Owned<PangoAttrList, pango_attr_list_unref> attributes(pango_attr_list_new());
        pango_attr_list_insert(attributes.get(), pango_attr_letter_spacing_new(
                                                     static_cast<int>(place.tracking * share * PANGO_SCALE)));
        pango_layout_set_attributes(layout, attributes.get());
    }
}

void fit(PangoLayout* layout, const TextPlace& place) {
    const double width = place.box.width * double{PANGO_SCALE},
                 height = place.box.height * double{PANGO_SCALE};
    set_size(layout, place, 1);
    const double share =
        std::min({1.0, width / std::max(1, pango_width(layout)), height / std::max(1, pango_height(layout))});
    if (share >= 1)
        return;
    set_size(layout, place, std::max(share * 0.995, smallest_share));
    if (pango_width(layout) > width) {
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
        pango_layout_set_width(layout, static_cast<int>(width));
    }
}

double offset(double room, Alignment alignment) {
    switch (alignment) {
    case Alignment::start:
        return 0;
    case Alignment::middle:
        return room / 2;
    case Alignment::end:
        break;
    }
    return room;
}

} // namespace

TextMask set_text(const TextPlace& place, std::string_view text, std::string_view language) {
    TextMask mask{place.box, {}};
    mask.coverage.resize(static_cast<std::size_t>(mask.box.width) * mask.box.height);
    const Owned<cairo_surface_t, cairo_surface_destroy> surface(
        cairo_image_surface_create(CAIRO_FORMAT_A8, mask.box.width, mask.box.height));
    const Owned<cairo_t, cairo_destroy> cairo(cairo_create(surface.get()));
    const auto layout = make_layout(cairo.get(), text, language);
    fit(layout.get(), place);
    const double width = pango_width(layout.get()) / double{PANGO_SCALE};
    const double height = pango_height(layout.get()) / double{PANGO_SCALE};
    cairo_move_to(cairo.get(), offset(mask.box.width - width, place.horizontal),
                  offset(mask.box.height - height, place.vertical));
    pango_cairo_show_layout(cairo.get(), layout.get());
    cairo_surface_flush(surface.get());
    if (cairo_status(cairo.get()) == CAIRO_STATUS_NO_MEMORY)
        throw std::bad_alloc();
    const unsigned char* rows = cairo_image_surface_get_data(surface.get());
    const int stride = cairo_image_surface_get_stride(surface.get());
    for (int y = 0; y < mask.box.height; ++y)
        std::copy_n(rows + static_cast<std::ptrdiff_t>(y) * stride, mask.box.width,
                    mask.coverage.begin() + static_cast<std::ptrdiff_t>(y) * mask.box.width);
    return mask;
}

} // namespace mogiri::daemon
