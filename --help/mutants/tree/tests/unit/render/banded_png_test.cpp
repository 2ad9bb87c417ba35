// Files put together from pieces are PNGs that libpng reads, pixel for pixel what was drawn.
#include <render/banded_png.hpp>

#include <random>

#include <gtest/gtest.h>

#include "scratch.hpp"

namespace mogiri::daemon {
namespace {

Picture noise(int width, int height, bool indexed, unsigned seed) {
    std::mt19937 dice(seed);
    std::vector<Colour> palette;
    if (indexed)
        for (int grey = 0; grey < 40; ++grey) {
            const auto level = static_cast<std::uint8_t>(grey * 6);
            palette.push_back({level, level, static_cast<std::uint8_t>(255 - level)});
        }
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width) * height * (indexed ? 1 : 3));
    for (auto& part : pixels)
        part = static_cast<std::uint8_t>(dice() % (indexed ? 40 : 256));
    return {width, height, std::move(palette), std::move(pixels)};
}

Colour colour_at(const Picture& picture, int x, int y) {
    const std::uint8_t* pixel = picture.row(y) + x * picture.pixel_bytes();
    return picture.indexed() ? picture.palette()[*pixel] : Colour{pixel[0], pixel[1], pixel[2]};
}

struct Case {
    bool indexed;
    std::vector<RowRange> bands;
};

class BandedPngOf : public testing::TestWithParam<Case> {};

TEST_P(BandedPngOf, ReadsBackAsDrawn) {
    Picture picture = noise(67, 90, GetParam().indexed, 1);
    const BandedPng png(picture, GetParam().bands);
    const Picture other = noise(67, 90, GetParam().indexed, 2);
    std::vector<Picture> changed;
    for (const RowRange band : GetParam().bands) {
        changed.push_back(other.rows(band.top, band.count()));
        std::copy(other.row(band.top), other.row(band.top) + band.count() * other.row_bytes(),
                  picture.row(band.top));
    }
    const Scratch scratch;
    const Picture read = Picture::read_png(scratch.write("ticket.png", png.write(changed)));
    ASSERT_EQ(read.width(), picture.width());
    ASSERT_EQ(read.height(), picture.height());
    EXPECT_EQ(read.indexed(), picture.indexed());
    for (int y = 0; y < read.height(); ++y)
        for (int x = 0; x < read.width(); ++x)
            ASSERT_EQ(colour_at(read, x, y), colour_at(picture, x, y)) << x << ',' << y;
}

INSTANTIATE_TEST_SUITE_P(Shapes, BandedPngOf,
                         testing::Values(Case{true, {{10, 20}, {50, 60}}}, Case{false, {{10, 20}, {50, 60}}},
                                         Case{true, {{0, 90}}}, Case{false, {{0, 1}, {89, 90}}},
                                         Case{true, {}}));

TEST(BandedPng, BreaksWhenAByteOfTheChecksumIsWrong) {
    const Picture picture = noise(20, 20, true, 1);
    std::string file = BandedPng(picture, {{5, 6}}).write({picture.rows(5, 1)});
    const Scratch scratch;
    EXPECT_NO_THROW(Picture::read_png(scratch.write("whole.png", file)));
    file[file.size() - 30] ^= 1;
    EXPECT_THROW(Picture::read_png(scratch.write("broken.png", file)), PictureError);
}

TEST(Picture, RefusesABombByItsHeadAlone) {
    std::string file = BandedPng(noise(20, 20, true, 1), {}).write({});
    file.resize(60);
    file[18] = file[22] = 0x01, file[17] = file[21] = 0x01; // 65,556 pixels a side
    const Scratch scratch;
    EXPECT_THROW(Picture::read_png(scratch.write("bomb.png", file)), PictureError);
    EXPECT_THROW(Picture::read_png(scratch.write("none.png", "GIF89a")), PictureError);
    EXPECT_THROW(Picture::read_png(scratch.path() / "missing.png"), PictureError);
}

} // namespace
} // namespace mogiri::daemon
