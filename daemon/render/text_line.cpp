#include "text_line.hpp"

#include <algorithm>
#include <map>
#include <string>

#include <hb-ot.h>

#include "accents.hpp"

namespace mogiri::daemon {

namespace {

using Context = Owned<PangoContext, g_object_unref>;

constexpr const char* fonts_for_accents = "Noto Sans, DejaVu Sans, Liberation Sans";

// One for each thread and language: making it costs more than setting a name.
PangoContext* context_of(std::string_view language) {
    thread_local std::map<std::string, Context, std::less<>> contexts;
    if (const auto known = contexts.find(language); known != contexts.end())
        return known->second.get();
    Context context(pango_font_map_create_context(pango_cairo_font_map_get_default()));
    // Unhinted, so that a text set smaller keeps its proportions.
    const Owned<cairo_font_options_t, cairo_font_options_destroy> options(cairo_font_options_create());
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context.get(), options.get());
    // "{guest} 様" and the like are Japanese or English, also around an Arabic name.
    pango_context_set_base_dir(context.get(), PANGO_DIRECTION_LTR);
    pango_context_set_language(context.get(), pango_language_from_string(std::string(language).c_str()));
    return contexts.emplace(language, std::move(context)).first->second.get();
}

struct Size {
    int width = 0, height = 0; // in pango's units
};

Size size_of(PangoLayout* layout) {
    Size size;
    pango_layout_get_size(layout, &size.width, &size.height);
    return size;
}

// Whether a font says where accents stand; those for Chinese characters let them fall beside their letters.
bool places_accents(PangoContext* context, const std::string& family) {
    thread_local std::map<std::string, bool, std::less<>> known;
    if (const auto found = known.find(family); found != known.end())
        return found->second;
    const Owned<PangoFontDescription, pango_font_description_free> wanted(pango_font_description_new());
    pango_font_description_set_family(wanted.get(), family.c_str());
    const Owned<PangoFont, g_object_unref> font(pango_context_load_font(context, wanted.get()));
    bool places = false;
    if (font) {
        hb_tag_t features[64];
        unsigned count = 64;
        hb_ot_layout_table_get_feature_tags(hb_font_get_face(pango_font_get_hb_font(font.get())),
                                            HB_OT_TAG_GPOS, 0, &count, features);
        places = std::find(features, features + count, HB_TAG('m', 'a', 'r', 'k')) != features + count;
    }
    return known.emplace(family, places).first->second;
}

void set_size(PangoLayout* layout, const TextPlace& place, double share) {
    const Owned<PangoFontDescription, pango_font_description_free> font(pango_font_description_new());
    pango_font_description_set_family(font.get(), place.font.c_str());
    pango_font_description_set_weight(font.get(), static_cast<PangoWeight>(place.weight));
    pango_font_description_set_absolute_size(font.get(), place.size * share * PANGO_SCALE);
    pango_layout_set_font_description(layout, font.get());
    const std::vector<Span> accented = accented_words(pango_layout_get_text(layout));
    if (place.tracking == 0 && accented.empty())
        return;
    const Owned<PangoAttrList, pango_attr_list_unref> attributes(pango_attr_list_new());
    if (place.tracking != 0)
        pango_attr_list_insert(attributes.get(), pango_attr_letter_spacing_new(
                                                     static_cast<int>(place.tracking * share * PANGO_SCALE)));
    for (const Span& word : accented) {
        if (places_accents(pango_layout_get_context(layout), place.font))
            break;
        PangoAttribute* family = pango_attr_family_new(fonts_for_accents);
        family->start_index = static_cast<guint>(word.begin);
        family->end_index = static_cast<guint>(word.end);
        pango_attr_list_insert(attributes.get(), family);
    }
    pango_layout_set_attributes(layout, attributes.get());
}

PangoAlignment alignment_of(Alignment alignment) {
    switch (alignment) {
    case Alignment::start:
        return PANGO_ALIGN_LEFT;
    case Alignment::middle:
        return PANGO_ALIGN_CENTER;
    case Alignment::end:
        break;
    }
    return PANGO_ALIGN_RIGHT;
}

double share_on_one_line(PangoLayout* layout, const TextPlace& place, double smallest, Size room) {
    set_size(layout, place, 1);
    const Size size = size_of(layout);
    const double share = std::min({1.0, static_cast<double>(room.width) / std::max(1, size.width),
                                   static_cast<double>(room.height) / std::max(1, size.height)});
    if (share >= 1)
        return 1;
    const double taken = std::max(share * 0.995, smallest);
    set_size(layout, place, taken);
    return taken;
}

// The largest share of the size, in steps of a tenth, at which the lines find room; on one line when it can
// stand larger there.
double share_on_lines(PangoLayout* layout, const TextPlace& place, double smallest, Size room) {
    const double on_one = share_on_one_line(layout, place, smallest, room);
    if (on_one == 1)
        return 1;
    pango_layout_set_width(layout, room.width);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, alignment_of(place.horizontal));
    for (double share = 1; share > on_one; share -= 0.1) {
        set_size(layout, place, share);
        if (size_of(layout).height <= room.height)
            return share;
    }
    set_size(layout, place, on_one);
    if (on_one > smallest)
        pango_layout_set_width(layout, -1);
    return on_one;
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

TextLine set_line(const TextPlace& place, std::string_view text, std::string_view language) {
    TextLine line{Owned<PangoLayout, g_object_unref>(pango_layout_new(context_of(language)))};
    PangoLayout* layout = line.layout.get();
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_auto_dir(layout, FALSE);
    const std::string shown = composed(text);
    pango_layout_set_text(layout, shown.data(), static_cast<int>(shown.size()));

    const Size room{place.box.width * PANGO_SCALE, place.box.height * PANGO_SCALE};
    const double smallest = static_cast<double>(place.smallest) / place.size;
    line.share = place.wrap ? share_on_lines(layout, place, smallest, room)
                            : share_on_one_line(layout, place, smallest, room);
    const Size size = size_of(layout);
    if (size.width > room.width || (place.wrap && size.height > room.height)) {
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
        pango_layout_set_width(layout, room.width);
        if (place.wrap)
            pango_layout_set_height(layout, room.height);
        line.cut = pango_layout_is_ellipsized(layout);
    }
    PangoRectangle logical;
    pango_layout_get_extents(layout, nullptr, &logical);
    const auto pixels = [](int units) { return units / double{PANGO_SCALE}; };
    line.x =
        place.box.x + offset(place.box.width - pixels(logical.width), place.horizontal) - pixels(logical.x);
    line.y =
        place.box.y + offset(place.box.height - pixels(logical.height), place.vertical) - pixels(logical.y);
    line.missing_glyphs = pango_layout_get_unknown_glyphs_count(layout);
    return line;
}

} // namespace mogiri::daemon
