// A layout file says what is wrong by file, line, key, value and remedy.
#include <render/layout.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch.hpp"

namespace mogiri::daemon {
namespace {

const std::string good = R"(background = "b.png"
[qr]
x = 1
y = 2
size = 300
dark = "#000000"
light = "#FFFFFF"
[[text]]
text = { ja = "{guest} 様", en = "{guest}" }
font = "Noto Sans CJK JP"
size = 20
colour = "#112233"
x = 100
y = 200
width = 80
)";

std::string refusal(std::string from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    text.replace(at, from.size(), to);
    const Scratch scratch;
    try {
        Layout::load(scratch.write("layout.toml", text));
    } catch (const LayoutError& error) {
        return error.what();
    }
    return "taken";
}

TEST(Layout, ReadsPlacesAndDefaults) {
    const Scratch scratch;
    const Layout layout = Layout::load(scratch.write("layout.toml", good));
    EXPECT_EQ(layout.background, scratch.path() / "b.png");
    EXPECT_EQ(layout.qr.quiet_zone, 4);
    EXPECT_EQ(layout.qr.error_correction, ErrorCorrection::H);
    ASSERT_EQ(layout.texts.size(), 1u);
    const TextPlace& text = layout.texts[0];
    EXPECT_EQ(text.in("ja"), "{guest} 様");
    EXPECT_EQ(text.in("en"), "{guest}");
    EXPECT_EQ(text.colour, (Colour{0x11, 0x22, 0x33}));
    // Centred, one and a half times as high as its letters.
    EXPECT_EQ(text.box.x, 60);
    EXPECT_EQ(text.box.y, 185);
    EXPECT_EQ(text.box.height, 30);
}

TEST(Layout, NamesWhatIsWrong) {
    using testing::HasSubstr;
    EXPECT_THAT(refusal("size = 300", "size = 3"), HasSubstr("layout.toml:5: qr.size = 3: must be from 37"));
    EXPECT_THAT(refusal("size = 300", "size = \"big\""), HasSubstr("qr.size"));
    EXPECT_THAT(refusal("size = 300\n", ""), HasSubstr("qr.size"));
    EXPECT_THAT(refusal("\"#000000\"", "\"black\""), HasSubstr("qr.dark"));
    EXPECT_THAT(refusal("x = 1\n", "x = 1\nangle = 3\n"), HasSubstr("qr.angle"));
    EXPECT_THAT(refusal("en = \"{guest}\"", "en = \"{gest}\""), HasSubstr("{gest} is none of {guest}"));
    EXPECT_THAT(refusal("en = \"{guest}\"", "en = \"{guest\""), HasSubstr("text[0].text"));
    EXPECT_THAT(refusal("en = \"{guest}\"", "en = \"\""), HasSubstr("text.en"));
    EXPECT_THAT(refusal("width = 80", "width = 80\nanchor = \"centre\""), HasSubstr("anchor"));
    EXPECT_THAT(refusal("\"b.png\"", "\"../b.png\""), HasSubstr("background"));
    EXPECT_THAT(refusal("[qr]", "[qr"), HasSubstr("layout.toml:2"));
    EXPECT_THAT(refusal("\"#FFFFFF\"", "\"#FFFFFF\"\nerror_correction = \"X\""),
                HasSubstr("error_correction"));
    EXPECT_THAT(refusal("width = 80", "width = 80\nanchor = \"bottom left\""), "taken");
}

} // namespace
} // namespace mogiri::daemon
