// Tickets from the shipped layouts: geometry, glyphs, and codes that an independent reader reads.
#include <render/ticket_printer.hpp>

#include <array>
#include <cstdio>
#include <memory>

#include <gtest/gtest.h>
#include <png.h>

#include "scratch.hpp"

namespace mogiri::daemon {
namespace {

constexpr std::string_view code = "AEAAAAIAAAAAAAHX5BZQ3WLTR7PGMJ4VIE";

Layout shipped(const std::string& name) {
    return Layout::load(std::string(MOGIRI_SOURCE_DIR "/templates/tickets/") + name + "/layout.toml");
}

const Texts& event() {
    static const Texts texts{
        {"event", "音楽祭"},        {"event_en", "Music Festival"}, {"kind", "招待券"},
        {"kind_en", "Invitation"},  {"days", "2027年6月12日(土)"},  {"days_en", "12 June 2027"},
        {"contact", "c@example.jp"}};
    return texts;
}

// What zbar reads in a file, without the line's end.
std::string read_code(const std::filesystem::path& file) {
    const std::string command =
        "zbarimg --quiet --raw -Sdisable -Sqrcode.enable '" + file.string() + "' 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::array<char, 200> line{};
    const std::string read = fgets(line.data(), line.size(), pipe.get()) ? line.data() : "";
    return read.substr(0, read.find('\n'));
}

bool same_rows(const Picture& one, const Picture& other, int top, int bottom) {
    const auto colours = [&](const Picture& picture) {
        std::vector<std::array<int, 3>> list;
        for (int y = top; y < bottom; ++y)
            for (int x = 0; x < picture.width(); ++x) {
                const Colour colour = picture.palette()[picture.row(y)[x]];
                list.push_back({colour.red, colour.green, colour.blue});
            }
        return list;
    };
    return colours(one) == colours(other);
}

TEST(TicketPrinter, TheFestivalsTicketHasTheGeometryOfTheOldOne) {
    const TicketPrinter printer(shipped("musicfes"), event(), "ja", code);
    const Scratch scratch;
    const auto file =
        scratch.write("ticket.png", printer.print(code, {{"guest", "髙橋 美咲"}, {"reference", "7K2MQ9TX"}}));
    EXPECT_EQ(read_code(file), code);
    const Picture ticket = Picture::read(file);
    EXPECT_EQ(ticket.width(), 2083);
    EXPECT_EQ(ticket.height(), 4167);
    ASSERT_TRUE(ticket.indexed());
    const auto colour = [&](int x, int y) { return ticket.palette()[ticket.row(y)[x]]; };
    for (const auto& [x, y] : {std::pair{469, 1573}, {469 + 1145, 1573 + 1145}})
        EXPECT_EQ(colour(x, y), (Colour{254, 232, 200}));
    // 29 modules of three JPEG blocks each, in the middle of the square: the first finder's corner.
    const int first = 696, first_row = 1800;
    EXPECT_NEAR(first, 469 + (1146 - 29 * 24) / 2, 4);
    EXPECT_NEAR(first_row, 1573 + (1146 - 29 * 24) / 2, 4);
    EXPECT_EQ(first % 8 + first_row % 8, 0);
    EXPECT_NE(colour(first, first_row), (Colour{254, 232, 200}));
    EXPECT_EQ(colour(first - 1, first_row), (Colour{254, 232, 200}));
}

TEST(TicketPrinter, TheSmallLayoutIsReadToo) {
    const Layout layout = shipped("recital");
    EXPECT_EQ(layout.qr.x, 252);
    EXPECT_EQ(layout.qr.y, 700);
    EXPECT_EQ(layout.qr.size, 600);
    const TicketPrinter printer(layout, event(), "en", code);
    const Scratch scratch;
    EXPECT_EQ(read_code(scratch.write("ticket.png", printer.print(code, {{"guest", "Ann"}}))), code);
}

// More than 256 colours, and two own texts whose boxes lie on one another and beside the code.
TEST(TicketPrinter, APhotographIsPrintedInItsColours) {
    const Scratch scratch;
    std::vector<std::uint8_t> rgb;
    for (int y = 0; y < 600; ++y)
        for (int x = 0; x < 800; ++x)
            for (const int part : {x * 255 / 800, y * 255 / 600, (x * 7 + y * 13) % 97})
                rgb.push_back(static_cast<std::uint8_t>(part));
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = 800, image.height = 600, image.format = PNG_FORMAT_RGB;
    const std::string background = scratch.path() / "photograph.png";
    ASSERT_TRUE(png_image_write_to_file(&image, background.c_str(), 0, rgb.data(), 0, nullptr));
    Layout layout = shipped("recital");
    layout.background = background;
    layout.qr.x = 40, layout.qr.y = 100, layout.qr.size = 300;
    TextPlace text = layout.texts[2];
    text.size = 40, text.smallest = 18, text.ja = "{guest}", text.box = {420, 80, 300, 60};
    layout.texts = {text, text};
    layout.texts[1].box = {430, 130, 350, 200};
    layout.texts[1].ja = "{reference}";
    const TicketPrinter printer(layout, event(), "ja", code);
    const auto file =
        scratch.write("ticket.png", printer.print(code, {{"guest", "山田 花子"}, {"reference", "ABC"}}));
    EXPECT_EQ(read_code(file), code);
    const Picture ticket = Picture::read(file);
    ASSERT_FALSE(ticket.indexed());
    int others = 0;
    for (int y = 0; y < 600; ++y)
        for (int x = 0; x < 800; ++x) {
            const bool inside =
                (x >= 40 && x < 340 && y >= 100 && y < 400) || (x >= 420 && x < 780 && y >= 80 && y < 330);
            const bool same = std::equal(ticket.row(y) + x * 3, ticket.row(y) + x * 3 + 3,
                                         &rgb[static_cast<std::size_t>(y * 800 + x) * 3]);
            ASSERT_TRUE(same || inside) << x << ',' << y;
            others += x >= 420 && !same;
        }
    EXPECT_GT(others, 1000);
    EXPECT_LT(others, 20000);
}

TEST(TicketPrinter, NamesChangeTheirLineAndNothingElse) {
    const TicketPrinter printer(shipped("recital"), event(), "ja", code);
    const Scratch scratch;
    const auto print = [&](const std::string& guest) {
        return Picture::read(scratch.write("ticket.png", printer.print(code, {{"guest", guest}})));
    };
    const Picture one = print("山田 花子"), other = print("山田 太郎"), again = print("山田 花子");
    EXPECT_TRUE(same_rows(one, again, 0, one.height()));
    EXPECT_FALSE(same_rows(one, other, 1280, 1370));
    EXPECT_TRUE(same_rows(one, other, 0, 1280));
    EXPECT_TRUE(same_rows(one, other, 1370, one.height()));
}

TEST(TicketPrinter, StrangeNamesAreDrawnInTheirBox) {
    const TicketPrinter printer(shipped("recital"), event(), "ja", code);
    const Scratch scratch;
    for (const std::string& guest :
         {std::string("𠮷野家 﨑山"), std::string(3000, 'W'), std::string("{reference}"),
          std::string("مرحبا بالعالم"), std::string("e\u0301\u0302\u0303"), std::string("🎻"),
          std::string("\xff\xfe not UTF-8")}) {
        const auto file = scratch.write("ticket.png", printer.print(code, {{"guest", guest}}));
        EXPECT_EQ(read_code(file), code) << guest.substr(0, 20);
    }
}

TEST(TicketPrinter, RefusesALayoutThatCannotBePrinted) {
    Layout layout = shipped("recital");
    layout.texts[0].box.x = 900;
    EXPECT_THROW(TicketPrinter(layout, event(), "ja", code), LayoutError);
    layout = shipped("recital");
    layout.qr.size = 140;
    EXPECT_THROW(TicketPrinter(layout, event(), "ja", code), LayoutError);
    layout.background = "/nowhere.png";
    EXPECT_THROW(TicketPrinter(layout, event(), "ja", code), LayoutError);
    layout = shipped("recital");
    layout.texts[2].box.y = layout.qr.box().bottom() - 80;
    EXPECT_THROW(TicketPrinter(layout, event(), "ja", code), LayoutError);
}

} // namespace
} // namespace mogiri::daemon
