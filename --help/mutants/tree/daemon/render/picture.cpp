#include "picture.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <png.h>

namespace mogiri::daemon {

namespace {

constexpr std::uint32_t longest_side = 16384;
constexpr std::uint64_t most_pixels = 64'000'000;
// Leaves room in a palette of 256 for the edges of texts.
constexpr std::size_t few_colours = 200;

std::uint32_t packed(const std::uint8_t* rgb) {
    return static_cast<std::uint32_t>(rgb[0]) << 16 | static_cast<std::uint32_t>(rgb[1]) << 8 | rgb[2];
}

struct Indexed {
    std::vector<Colour> palette;
    std::vector<std::uint8_t> pixels;
};

// Nothing when the colours are not few.
std::optional<Indexed> as_indexed(const std::vector<std::uint8_t>& rgb) {
    Indexed result;
    result.pixels.reserve(rgb.size() / 3);
    std::unordered_map<std::uint32_t, std::uint8_t> indexes;
    std::uint32_t last = UINT32_MAX;
    std::uint8_t index = 0;
    for (std::size_t at = 0; at < rgb.size(); at += 3) {
        if (const std::uint32_t colour = packed(&rgb[at]); colour != last) {
            const auto [found, is_new] = indexes.try_emplace(colour, result.palette.size());
            if (is_new) {
                if (result.palette.size() == few_colours)
                    return std::nullopt;
                result.palette.push_back({rgb[at], rgb[at + 1], rgb[at + 2]});
            }
            last = colour;
            index = found->second;
        }
        result.pixels.push_back(index);
    }
    return result;
}

int distance(Colour one, Colour other) {
    const int red = one.red - other.red, green = one.green - other.green, blue = one.blue - other.blue;
    return red * red + green * green + blue * blue;
}

} // namespace

Colour mix(Colour from, Colour to, unsigned part) {
    const auto between = [part](std::uint8_t a, std::uint8_t b) {
        return static_cast<std::uint8_t>((a * (255 - part) + b * part + 127) / 255);
    };
    return {between(from.red, to.red), between(from.green, to.green), between(from.blue, to.blue)};
}

Rectangle Rectangle::within(const Rectangle& bounds) const {
    const int left = std::max(x, bounds.x), top = std::max(y, bounds.y);
    return {left, top, std::max(0, std::min(right(), bounds.right()) - left),
            std::max(0, std::min(bottom(), bounds.bottom()) - top)};
}

Picture Picture::read_png(const std::filesystem::path& file) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    const auto refuse = [&](const std::string& why) {
        png_image_free(&image);
        throw PictureError(file.string() + ": " + why);
    };
    if (!png_image_begin_read_from_file(&image, file.c_str()))
        refuse(std::string("cannot be read as a PNG: ") + image.message);
    if (image.width > longest_side || image.height > longest_side ||
        std::uint64_t{image.width} * image.height > most_pixels)
        refuse("is " + std::to_string(image.width) + "x" + std::to_string(image.height) +
               " pixels: at most " + std::to_string(longest_side) + " a side and " +
               std::to_string(most_pixels) + " in all are taken");
    image.format = PNG_FORMAT_RGB;
    std::vector<std::uint8_t> rgb(PNG_IMAGE_SIZE(image));
    const png_color white{255, 255, 255};
    if (!png_image_finish_read(&image, &white, rgb.data(), 0, nullptr))
        refuse(std::string("cannot be read as a PNG: ") + image.message);
    const int width = static_cast<int>(image.width), height = static_cast<int>(image.height);
    if (auto few = as_indexed(rgb))
        return {width, height, std::move(few->palette), std::move(few->pixels)};
    return {width, height, {}, std::move(rgb)};
}

std::uint8_t Picture::nearest_index(Colour colour) const {
    const auto nearest = std::min_element(palette_.begin(), palette_.end(), [&](Colour one, Colour other) {
        return distance(one, colour) < distance(other, colour);
    });
    return static_cast<std::uint8_t>(nearest - palette_.begin());
}

std::uint8_t Picture::index_for(Colour colour) {
    const std::uint8_t nearest = nearest_index(colour);
    if (palette_[nearest] == colour || palette_.size() == 256)
        return nearest;
    palette_.push_back(colour);
    return static_cast<std::uint8_t>(palette_.size() - 1);
}

Pixel Picture::pixel_for(Colour colour) {
    if (indexed())
        return {index_for(colour)};
    return {colour.red, colour.green, colour.blue};
}

Picture Picture::rows(int top, int count) const {
    return {width_, count, palette_, std::vector<std::uint8_t>(row(top), row(top) + count * row_bytes())};
}

void Picture::fill(const Rectangle& box, Pixel pixel) {
    for (int y = box.y; y < box.bottom(); ++y) {
        std::uint8_t* at = row(y) + box.x * pixel_bytes();
        if (indexed())
            std::fill_n(at, box.width, pixel[0]);
        else
            for (int x = 0; x < box.width; ++x)
                at = std::copy(pixel.begin(), pixel.end(), at);
    }
}

} // namespace mogiri::daemon
