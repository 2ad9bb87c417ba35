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

TEST(TextLine, StandsOnOneLineWhereItIsLargerThere) {
    TextPlace wrapping = place();
    wrapping.wrap = true;
    const TextLine line = set_line(wrapping, "寿限無寿限無五劫", "ja"); // 8 of 40 pixels in 300
    wrapping.box.width = 300, wrapping.box.height = 100;
    const TextLine smaller = set_line(wrapping, "寿限無寿限無五劫", "ja");
    EXPECT_EQ(line.share, 1);
    EXPECT_GT(smaller.share, 0.9);
    EXPECT_EQ(pango_layout_get_line_count(smaller.layout.get()), 1);
}

TEST(TextLine, KeepsItsDirectionAroundNamesOfAnother) {
    TextPlace own = place();
    own.box.width = 2000;
    const std::string name = "محمد", text = name + " 様";
    const TextLine line = set_line(own, text, "ja");
    PangoRectangle first, last;
    pango_layout_index_to_pos(line.layout.get(), 0, &first);
    pango_layout_index_to_pos(line.layout.get(), static_cast<int>(name.size()) + 1, &last);
    EXPECT_GT(last.x, first.x); // the title after the name, which itself runs to the left
    EXPECT_LT(first.width, 0);
}

TEST(TextLine, AccentsStandOnTheirLetters) {
    const auto width = [](const std::string& text) {
        int width = 0;
        pango_layout_get_size(set_line(place(), text, "ja").layout.get(), &width, nullptr);
        return width;
    };
    EXPECT_EQ(width("e\u0301"), width("\u00e9"));
    EXPECT_EQ(width("x\u0323\u030cb"), width("x\u0323b")); // there is no such letter
    const TextMask plain = draw_text(place(), "x\u0323b", "ja"),
                   accented = draw_text(place(), "x\u0323\u030cb", "ja");
    EXPECT_NEAR(accented.box.width, plain.box.width, 2);
    EXPECT_GT(accented.box.height, plain.box.height);
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
