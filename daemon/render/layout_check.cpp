#include "layout_check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <glib.h>

#include "placement.hpp"
#include "text_line.hpp"
#include "text_mask.hpp"

namespace mogiri::daemon {

namespace {

constexpr double least_contrast = 3;           // of luminances; readers begin to fail below 2
constexpr double least_millimetres = 0.4;      // of a module in print
constexpr int least_quiet_zone = 4;            // modules, as ISO/IEC 18004 wants
constexpr double least_left_of_quiet_zone = 3; // modules; an accent may reach a little into it

std::string rounded(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", number);
    return text;
}

double luminance(Colour colour) {
    const auto linear = [](std::uint8_t part) {
        const double share = part / 255.0;
        return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

bool is_installed(const std::string& family) {
    PangoFontFamily** families = nullptr;
    int count = 0;
    pango_font_map_list_families(pango_cairo_font_map_get_default(), &families, &count);
    const bool found = std::any_of(families, families + count, [&](PangoFontFamily* known) {
        return g_ascii_strcasecmp(pango_font_family_get_name(known), family.c_str()) == 0;
    });
    g_free(families);
    return found;
}

void examine_qr(const Layout& layout, const CodePlace& code, std::vector<LayoutWarning>& warnings) {
    const QrPlace& qr = layout.qr;
    const double dark = luminance(qr.dark), light = luminance(qr.light);
    if (dark >= light)
        warnings.push_back(
            {"qr.dark", "is lighter than qr.light: many readers see no code there; exchange them"});
    else if (const double contrast = (light + 0.05) / (dark + 0.05); contrast < least_contrast)
        warnings.push_back({"qr.dark", "its contrast to qr.light is " + rounded(contrast) + ": at least " +
                                           rounded(least_contrast) + " is read in bad light"});
    if (qr.quiet_zone < least_quiet_zone)
        warnings.push_back({"qr.quiet_zone", "is " + std::to_string(qr.quiet_zone) +
                                                 ": readers expect 4 modules around the code"});
    const double millimetres = code.module * 25.4 / layout.resolution;
    if (millimetres < least_millimetres)
        warnings.push_back({"qr.size", "a module is " + rounded(millimetres) + " mm in print at " +
                                           std::to_string(layout.resolution) + " dpi: at least " +
                                           rounded(least_millimetres) +
                                           " mm is read from a hand's distance"});
}

// How many modules wide the light band between code and ink is, at its narrowest.
double modules_between(const CodePlace& code, const Rectangle& ink) {
    const int across = std::max(code.box.x - ink.right(), ink.x - code.box.right());
    const int down = std::max(code.box.y - ink.bottom(), ink.y - code.box.bottom());
    return static_cast<double>(std::max(across, down)) / code.module;
}

void examine_sample(const TextPlace& place, const std::string& key, const std::string& text,
                    std::string_view language, const CodePlace& code, std::vector<LayoutWarning>& warnings) {
    const TextLine line = set_line(place, text, language);
    if (line.missing_glyphs > 0)
        warnings.push_back({key + ".font", "no installed font has " + std::to_string(line.missing_glyphs) +
                                               " of the characters of \"" + text + "\""});
    if (line.cut)
        warnings.push_back({key + ".width", "\"" + text + "\" is cut, even at " +
                                                std::to_string(place.smallest) + " pixels"});
    const TextMask mask = draw_text(place, text, language);
    if (const double left = modules_between(code, mask.box);
        mask.box.width > 0 && left < least_left_of_quiet_zone)
        warnings.push_back({key, "\"" + text + "\" comes to " + rounded(left) +
                                     " modules of the code: readers expect 4 of nothing around it"});
}

void examine_text(const Layout& layout, std::size_t index, std::string_view language, const CodePlace& code,
                  std::vector<LayoutWarning>& warnings) {
    const TextPlace& place = layout.texts[index];
    const std::string key = "text[" + std::to_string(index) + "]";
    if (!is_installed(place.font))
        warnings.push_back({key + ".font", "\"" + place.font + "\" is not installed: another one is taken"});
    for (const SampleTicket& sample : sample_tickets()) {
        examine_sample(place, key, filled(place.in(language), sample.own, sample_event()), language, code,
                       warnings);
        if (is_filled_by(place.in(language), sample_event()))
            break; // the same on all of them
    }
}

Texts texts_of(const char* guest, const char* applicant) {
    return {{"guest", guest},
            {"reference", "7K2MQ9TX"},
            {"applicant", applicant},
            {"position", "1"},
            {"count", "10"}};
}

} // namespace

const std::vector<SampleTicket>& sample_tickets() {
    static const std::vector<SampleTicket> samples = {
        {"longest", texts_of("ヴォルフェシュレーゲルシュタインハウゼンベルガードルフ "
                             "アレクサンダー・マクシミリアン・フォン・デア・"
                             "ホーエンツォレルン",
                             "J1A01")},
        {"shortest", texts_of("一", "S2E12")},
        {"rare", texts_of("髙橋 﨑山 𠮷野 辻󠄀", "S2E12")},
        {"kana", texts_of("ｻﾄｳ ﾊﾅｺ か\u309a か\u3099", "S2E12")},
        {"emoji", texts_of("🎻 花子 👨‍👩‍👧", "S2E12")},
        {"combining", texts_of("Zoë Ọlọ́run Nguyễn", "S2E12")},
        {"right-to-left", texts_of("محمد بن عبد الله", "S2E12")},
    };
    return samples;
}

const Texts& sample_event() {
    static const Texts texts{{"event", "音楽祭"},
                             {"event_en", "Music Festival"},
                             {"kind", "招待券"},
                             {"kind_en", "Invitation"},
                             {"days", "2027年6月12日(土)・13日(日)"},
                             {"days_en", "Sat 12 & Sun 13 June 2027"},
                             {"contact", "festival@example.jp"}};
    return texts;
}

std::vector<LayoutWarning> examine_layout(const Layout& layout, std::string_view language,
                                          std::string_view code) {
    std::vector<LayoutWarning> warnings;
    const CodePlace place = place_code(layout, code);
    examine_qr(layout, place, warnings);
    for (std::size_t index = 0; index < layout.texts.size(); ++index)
        examine_text(layout, index, language, place, warnings);
    return warnings;
}

void require_printable(const std::filesystem::path& file, std::string_view code) {
    const Layout layout = Layout::load(file);
    require_room(layout, read_background(layout).bounds());
    const CodePlace place = place_code(layout, code);
    for (const char* language : {"ja", "en"})
        group_own_texts(layout, place, sample_event(), language);
}

} // namespace mogiri::daemon
