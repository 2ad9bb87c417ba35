// What an organiser is told of a layout before tickets are sent.
#include <render/layout_check.hpp>

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "scratch.hpp"

namespace mogiri::daemon {
namespace {

constexpr std::string_view code = "AEAAAAIAAAAAAAHX5BZQ3WLTR7PGMJ4VIE";

Layout shipped(const std::string& name) {
    return Layout::load(std::string(MOGIRI_SOURCE_DIR "/templates/tickets/") + name + "/layout.toml");
}

// The keys that are warned of when a good layout is changed like this.
std::vector<std::string> keys(const std::function<void(Layout&)>& change) {
    Layout layout = shipped("musicfes");
    change(layout);
    std::vector<std::string> keys;
    for (const LayoutWarning& warning : examine_layout(layout, "ja", code))
        keys.push_back(warning.key);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
}

using Keys = std::vector<std::string>;

TEST(LayoutCheck, TheShippedLayoutsAreFaultless) {
    for (const char* name : {"musicfes", "recital"})
        for (const char* language : {"ja", "en"})
            for (const LayoutWarning& warning : examine_layout(shipped(name), language, code))
                ADD_FAILURE() << name << ' ' << language << ": " << warning.key << ": " << warning.text;
}

TEST(LayoutCheck, WarnsOfCodesThatAreHardToRead) {
    EXPECT_EQ(keys([](Layout& layout) { layout.qr.dark = {0xc0, 0xb0, 0xa0}; }), Keys{"qr.dark"});
    EXPECT_EQ(keys([](Layout& layout) { std::swap(layout.qr.dark, layout.qr.light); }), Keys{"qr.dark"});
    EXPECT_EQ(keys([](Layout& layout) { layout.qr.quiet_zone = 2; }), Keys{"qr.quiet_zone"});
    EXPECT_EQ(keys([](Layout& layout) { layout.resolution = 2400; }), Keys{"qr.size"});
}

TEST(LayoutCheck, WarnsOfTextsThatFindNoRoom) {
    EXPECT_EQ(keys([](Layout& layout) { layout.texts[2].wrap = false; }), Keys{"text[2].width"});
    EXPECT_EQ(keys([](Layout& layout) {
                  layout.texts[2].wrap = false;
                  layout.texts[2].smallest = 10;
              }),
              Keys{});
    EXPECT_EQ(keys([](Layout& layout) { layout.texts[2].box.y = 2445; }),
              Keys{"text[2]"}); // close to the code
    EXPECT_EQ(keys([](Layout& layout) { layout.texts[3].font = "No Such Font"; }), Keys{"text[3].font"});
}

TEST(LayoutCheck, WarnsOfGlyphsThatNoFontHas) {
    EXPECT_EQ(keys([](Layout& layout) { layout.texts[2].ja = "{guest} \U000F1234"; }), Keys{"text[2].font"});
}

TEST(LayoutCheck, RefusesByFileAndKeyWhatCannotBeDrawn) {
    const Scratch scratch;
    const std::string shipped_file = MOGIRI_SOURCE_DIR "/templates/tickets/musicfes/layout.toml";
    std::ifstream in(shipped_file);
    const std::string good((std::istreambuf_iterator<char>(in)), {});
    const auto refusal = [&](const std::string& text) -> std::string {
        try {
            require_printable(scratch.write("layout.toml", text), code);
        } catch (const LayoutError& error) {
            return error.what();
        }
        return "taken";
    };
    const std::string file = (scratch.path() / "layout.toml").string();
    EXPECT_TRUE(refusal(good).starts_with(file + ": background: ")) << refusal(good);
    scratch.write("background.png", "GIF89a");
    EXPECT_TRUE(refusal(good).starts_with(file + ": background: ")) << refusal(good);
    std::filesystem::copy(std::filesystem::path(shipped_file).parent_path() / "background.png",
                          scratch.path(), std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(refusal(good), "taken");
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        return refusal(text.replace(text.find(from), from.size(), to));
    };
    EXPECT_TRUE(with("size = 1146", "size = 100").starts_with(file + ": qr.size = 100: "));
    EXPECT_TRUE(with("y = 1573", "y = 3573").starts_with(file + ": qr reaches beyond the picture"));
    EXPECT_TRUE(with("y = 2830", "y = 2400").starts_with(file + ": text[2] lies on the qr"));
    EXPECT_TRUE(with("weight = 700", "weight = 7").starts_with(file + ":14: text[0].weight = 7: "));
    EXPECT_THROW(require_printable(scratch.path(), code), LayoutError);
    EXPECT_THROW(require_printable(scratch.path() / "none.toml", code), LayoutError);
}

} // namespace
} // namespace mogiri::daemon
