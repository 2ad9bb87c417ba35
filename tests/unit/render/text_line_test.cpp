// A text finds room in its box: smaller, on several lines, or cut, as the layout permits.
#include <render/text_line.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <render/text_mask.hpp>

namespace mogiri::daemon {
namespace {

TextPlace place() {
    TextPlace place;
    place.box = {100, 50, 400, 120};
    place.font = "Noto Sans CJK JP";
    place.size = 40, place.smallest = 20;
    return place;
}

constexpr const char* long_name = "寿限無寿限無五劫の擦り切れ海砂利水魚の水行末";

TEST(TextLine, IsSetSmallerThenCut) {
    EXPECT_EQ(set_line(place(), "山田 花子", "ja").share, 1);
    const TextLine smaller = set_line(place(), "寿限無寿限無五劫の擦り", "ja");
    EXPECT_LT(smaller.share, 1);
    EXPECT_FALSE(smaller.cut);
    const TextLine cut = set_line(place(), long_name, "ja");
    EXPECT_EQ(cut.share, 0.5);
    EXPECT_TRUE(cut.cut);
}

TEST(TextLine, IsWrappedWhereTheLayoutWantsIt) {
    TextPlace wrapping = place();
    wrapping.wrap = true;
    const TextLine line = set_line(wrapping, long_name, "ja");
    EXPECT_FALSE(line.cut);
    EXPECT_GT(pango_layout_get_line_count(line.layout.get()), 1);
    EXPECT_TRUE(set_line(wrapping, std::string(long_name) + long_name + long_name + long_name, "ja").cut);
}

TEST(TextLine, StaysInItsBox) {
    for (const bool wrap : {false, true})
        for (const auto alignment : {Alignment::start, Alignment::middle, Alignment::end})
            for (const std::string& text :
                 {std::string("مرحبا بالعالم"), std::string(200, 'W'), std::string(long_name),
                  std::string("👨‍👩‍👧‍👦 🎻"),
                  std::string("e\u0301\u0302\u0303\u0304\u0305\u0306")}) {
                TextPlace own = place();
                own.wrap = wrap;
                own.horizontal = own.vertical = alignment;
                const TextMask mask = draw_text(own, text, "ja");
                EXPECT_GT(mask.box.width, 0) << text.substr(0, 20);
                EXPECT_GE(mask.box.x, own.box.x);
                EXPECT_LE(mask.box.right(), own.box.right());
                EXPECT_GE(mask.box.y, own.box.y);
                EXPECT_LT(mask.box.bottom(), own.box.bottom());
                EXPECT_TRUE(std::any_of(mask.coverage.begin(), mask.coverage.end(), [](auto part) {
                    return part > 100;
                })) << text.substr(0, 20);
            }
}

TEST(TextLine, StandsAtItsAnchor) {
    TextPlace own = place();
    own.horizontal = Alignment::end;
    EXPECT_NEAR(draw_text(own, "山", "ja").box.right(), own.box.right(), 5);
    own.horizontal = Alignment::start;
    EXPECT_NEAR(draw_text(own, "山", "ja").box.x, own.box.x, 5);
    EXPECT_NEAR(draw_text(own, "مرحبا", "ja").box.x, own.box.x, 8);
}

TEST(TextLine, CountsGlyphsThatNoFontHas) {
    EXPECT_EQ(set_line(place(), "髙橋﨑山𠮷野", "ja").missing_glyphs, 0);
    EXPECT_EQ(set_line(place(), "a\U000F1234\U000F1235", "ja").missing_glyphs, 2);
    EXPECT_TRUE(draw_text(place(), "", "ja").coverage.empty());
}

} // namespace
} // namespace mogiri::daemon
