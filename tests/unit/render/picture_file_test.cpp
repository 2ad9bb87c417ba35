// Backgrounds from files: PNG and JPEG are read, bombs and what is cut or something else is refused.
#include <render/picture.hpp>

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>
#include <turbojpeg.h>

#include "scratch.hpp"

namespace mogiri::daemon {
namespace {

using testing::HasSubstr;

std::string jpeg_of(int width, int height, unsigned char grey) {
    std::vector<unsigned char> rgb(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3,
                                   grey);
    unsigned char* data = nullptr;
    unsigned long size = 0;
    tjhandle writer = tjInitCompress();
    tjCompress2(writer, rgb.data(), width, 0, height, TJPF_RGB, &data, &size, TJSAMP_420, 90, 0);
    std::string bytes(reinterpret_cast<char*>(data), size);
    tjFree(data);
    tjDestroy(writer);
    return bytes;
}

std::string refusal(const std::string& bytes) {
    const Scratch scratch;
    try {
        Picture::read(scratch.write("background.jpg", bytes));
    } catch (const PictureError& error) {
        EXPECT_THAT(error.what(), HasSubstr("background.jpg: "));
        return error.what();
    }
    return "taken";
}

// Where a JPEG says how high and how wide it is.
std::size_t size_field(const std::string& jpeg) {
    return jpeg.find("\xff\xc0") + 5;
}

TEST(PictureFile, ReadsAJpeg) {
    const Scratch scratch;
    const Picture picture = Picture::read(scratch.write("grey.jpg", jpeg_of(40, 30, 128)));
    EXPECT_EQ(picture.width(), 40);
    EXPECT_EQ(picture.height(), 30);
    ASSERT_TRUE(picture.indexed());
    EXPECT_EQ(picture.palette()[0], (Colour{128, 128, 128}));
}

TEST(PictureFile, RefusesWhatIsNoWholePicture) {
    const std::string jpeg = jpeg_of(400, 300, 77);
    EXPECT_THAT(refusal(jpeg.substr(0, jpeg.size() - 200)), HasSubstr("cannot be read as a JPEG"));
    EXPECT_THAT(refusal(jpeg.substr(0, 10)), HasSubstr("is 0x0 pixels"));
    EXPECT_THAT(refusal("GIF89a"), HasSubstr("neither a PNG nor a JPEG"));
    EXPECT_THAT(refusal("\x89PNG\r\n\x1a\n"), HasSubstr("cannot be read as a PNG"));
    EXPECT_THAT(refusal(""), HasSubstr("neither"));
}

TEST(PictureFile, RefusesAJpegBombByItsHeadAlone) {
    std::string jpeg = jpeg_of(16, 16, 77);
    jpeg.replace(size_field(jpeg), 4, "\xff\x00\xff\x00", 4); // 65,280 a side
    EXPECT_THAT(refusal(jpeg), HasSubstr("65280x65280 pixels: at most 16384"));
}

// A picture of all 256 colours, most of them on few pixels.
TEST(PictureFile, LeavesRoomInAFullPalette) {
    const Scratch scratch;
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = 64, image.height = 64, image.format = PNG_FORMAT_RGB;
    std::vector<std::uint8_t> rgb;
    for (int pixel = 0; pixel < 64 * 64; ++pixel) {
        const int colour = pixel < 256 ? pixel : 3;
        rgb.insert(rgb.end(), {static_cast<std::uint8_t>(colour), 9, 90});
    }
    const std::string file = scratch.path() / "full.png";
    ASSERT_TRUE(png_image_write_to_file(&image, file.c_str(), 0, rgb.data(), 0, nullptr)) << image.message;
    const Picture picture = Picture::read(file);
    ASSERT_TRUE(picture.indexed());
    EXPECT_LE(picture.palette().size(), 208u);
    EXPECT_EQ(picture.palette()[*(picture.row(40) + 5)], (Colour{3, 9, 90}));
    for (int x = 0; x < 64; ++x)
        EXPECT_NEAR(picture.palette()[picture.row(2)[x]].red, 128 + x, 16);
}

} // namespace
} // namespace mogiri::daemon
