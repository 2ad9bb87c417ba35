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

// All of a box from another picture, but its last row.
class Patch : public Drawing {
  public:
    Patch(const Picture& background, const Picture& other, Rectangle box) : box_(box), picture_(background) {
        const int bytes = picture_.pixel_bytes();
        for (int y = box.y; y < box.bottom() - 1; ++y)
            std::copy_n(other.row(y) + box.x * bytes, box.width * bytes, picture_.row(y) + box.x * bytes);
    }
    const Picture& picture() const { return picture_; }

    Columns changed(int y) const override {
        return y < box_.bottom() ? Columns{box_.x, box_.right()} : Columns{};
    }
    void differences(int y, Columns columns, std::uint8_t* out) override {
        const int bytes = picture_.pixel_bytes();
        for (int at = columns.left * bytes; at < columns.right * bytes; ++at)
            *out++ = static_cast<std::uint8_t>(picture_.row(y)[at] - (y > 0 ? picture_.row(y - 1)[at] : 0));
    }

  private:
    Rectangle box_;
    Picture picture_;
};

struct Case {
    bool indexed;
    std::vector<Rectangle> boxes;
};

class BandedPngOf : public testing::TestWithParam<Case> {};

TEST_P(BandedPngOf, ReadsBackAsDrawn) {
    constexpr int width = 367, height = 90;
    const Picture background = noise(width, height, GetParam().indexed, 1);
    Picture expected = background;
    std::vector<Field> fields;
    std::vector<Drawings> samples(1);
    Drawings drawings;
    for (const Rectangle& box : GetParam().boxes) {
        Field field{box, {}};
        for (int y = box.y; y < box.bottom(); ++y)
            field.rows.push_back(y);
        fields.push_back(std::move(field));
        const Picture other = noise(width, height, GetParam().indexed, 2);
        samples[0].push_back(std::make_unique<Patch>(background, other, box));
        auto patch = std::make_unique<Patch>(expected, other, box);
        expected = patch->picture();
        drawings.push_back(std::move(patch));
    }
    const BandedPng png(background, std::move(fields), samples);
    std::string file;
    png.write(drawings, file);
    const Scratch scratch;
    const Picture read = Picture::read(scratch.write("ticket.png", file));
    ASSERT_EQ(read.width(), width);
    ASSERT_EQ(read.height(), height);
    EXPECT_EQ(read.indexed(), background.indexed());
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            ASSERT_EQ(colour_at(read, x, y), colour_at(expected, x, y)) << x << ',' << y;
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, BandedPngOf,
    testing::Values(Case{true, {{10, 10, 300, 20}, {50, 50, 10, 20}}},
                    Case{false, {{10, 10, 300, 20}, {50, 50, 10, 20}}},
                    Case{true, {{200, 10, 150, 40}, {5, 20, 100, 60}, {120, 30, 60, 10}}},
                    Case{false, {{200, 10, 150, 40}, {5, 20, 100, 60}, {120, 30, 60, 10}}},
                    Case{true, {{0, 0, 367, 90}}}, Case{false, {{0, 0, 128, 2}, {0, 88, 367, 2}}},
                    Case{true, {}}, Case{false, {}}));

std::string undrawn(const Picture& picture) {
    std::string file;
    BandedPng(picture, {}, {}).write({}, file);
    return file;
}

TEST(BandedPng, BreaksWhenAByteOfTheChecksumIsWrong) {
    std::string file = undrawn(noise(20, 20, true, 1));
    const Scratch scratch;
    EXPECT_NO_THROW(Picture::read(scratch.write("whole.png", file)));
    file[file.size() - 30] ^= 1;
    EXPECT_THROW(Picture::read(scratch.write("broken.png", file)), PictureError);
}

TEST(Picture, RefusesABombByItsHeadAlone) {
    std::string file = undrawn(noise(20, 20, true, 1));
    file.resize(60);
    file[18] = file[22] = 0x01, file[17] = file[21] = 0x01; // 65,556 pixels a side
    const Scratch scratch;
    EXPECT_THROW(Picture::read(scratch.write("bomb.png", file)), PictureError);
    EXPECT_THROW(Picture::read(scratch.write("none.png", "GIF89a")), PictureError);
    EXPECT_THROW(Picture::read(scratch.path() / "missing.png"), PictureError);
}

} // namespace
} // namespace mogiri::daemon
