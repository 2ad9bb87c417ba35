// Backgrounds come from organisers: what is no picture, or too large a one, is refused by its first bytes.
#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <unordered_map>

#include <png.h>
#include <turbojpeg.h>

#include "../owned.hpp"
#include "picture.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::uint32_t longest_side = 16384;
constexpr std::uint64_t most_pixels = 64'000'000;
constexpr std::uintmax_t most_bytes = 128 << 20;
// Leaves room in a palette of 256 for the edges of texts.
constexpr std::size_t few_colours = 208;

// Says why, and nothing else: who reads a file knows its name.
[[noreturn]] void refuse(const std::string& why) {
    throw PictureError(why);
}

void judge(std::uint64_t width, std::uint64_t height) {
    if (width == 0 || height == 0 || width > longest_side || height > longest_side ||
        width * height > most_pixels)
        refuse("is " + std::to_string(width) + "x" + std::to_string(height) + " pixels: at most " +
               std::to_string(longest_side) + " a side and " + std::to_string(most_pixels) +
               " in all are taken");
}

std::uint32_t packed(const std::uint8_t* rgb) {
    return static_cast<std::uint32_t>(rgb[0]) << 16 | static_cast<std::uint32_t>(rgb[1]) << 8 | rgb[2];
}

struct Indexed {
    std::vector<Colour> palette;
    std::vector<std::uint8_t> pixels;
};

// The rarest colours give way to those nearest to them, until few are left.
void make_few(Indexed& picture) {
    const std::size_t count = picture.palette.size();
    if (count <= few_colours)
        return;
    std::array<std::uint64_t, 256> seen{};
    for (const std::uint8_t pixel : picture.pixels)
        ++seen[pixel];
    std::vector<std::size_t> by_use(count);
    for (std::size_t index = 0; index < count; ++index)
        by_use[index] = index;
    std::ranges::stable_sort(by_use, std::greater{}, [&](std::size_t index) { return seen[index]; });
    std::vector<Colour> kept;
    for (std::size_t index = 0; index < few_colours; ++index)
        kept.push_back(picture.palette[by_use[index]]);
    const Picture nearest(0, 0, kept, {});
    std::array<std::uint8_t, 256> became{};
    for (std::size_t index = 0; index < count; ++index)
        became[index] = nearest.nearest_index(picture.palette[index]);
    for (std::uint8_t& pixel : picture.pixels)
        pixel = became[pixel];
    picture.palette = std::move(kept);
}

// Nothing when there are more than 256 colours.
std::optional<Indexed> as_indexed(const std::vector<std::uint8_t>& rgb) {
    Indexed result;
    result.pixels.reserve(rgb.size() / 3);
    std::unordered_map<std::uint32_t, std::uint8_t> indexes;
    std::uint32_t last = UINT32_MAX;
    std::uint8_t index = 0;
    for (std::size_t at = 0; at < rgb.size(); at += 3) {
        if (const std::uint32_t colour = packed(&rgb[at]); colour != last) {
            const auto [found, is_new] =
                indexes.try_emplace(colour, static_cast<std::uint8_t>(result.palette.size()));
            if (is_new) {
                if (result.palette.size() == 256)
                    return std::nullopt;
                result.palette.push_back({rgb[at], rgb[at + 1], rgb[at + 2]});
            }
            last = colour;
            index = found->second;
        }
        result.pixels.push_back(index);
    }
    make_few(result);
    return result;
}

Picture from_rgb(int width, int height, std::vector<std::uint8_t> rgb) {
    if (auto few = as_indexed(rgb))
        return {width, height, std::move(few->palette), std::move(few->pixels)};
    return {width, height, {}, std::move(rgb)};
}

Picture read_png(const std::string& bytes) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()))
        refuse(std::string("cannot be read as a PNG: ") + image.message);
    const Owned<png_image, png_image_free> freed(&image);
    judge(image.width, image.height);
    image.format = PNG_FORMAT_RGB;
    std::vector<std::uint8_t> rgb(PNG_IMAGE_SIZE(image));
    const png_color white{255, 255, 255};
    if (!png_image_finish_read(&image, &white, rgb.data(), 0, nullptr))
        refuse(std::string("cannot be read as a PNG: ") + image.message);
    return from_rgb(static_cast<int>(image.width), static_cast<int>(image.height), std::move(rgb));
}

Picture read_jpeg(const std::string& bytes) {
    const Owned<void, tjDestroy> reader(tjInitDecompress());
    if (!reader)
        throw std::bad_alloc();
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    const auto length = static_cast<unsigned long>(bytes.size());
    int width = 0, height = 0, subsampling = 0, colours = 0;
    const auto check = [&](int result) {
        if (result != 0)
            refuse(std::string("cannot be read as a JPEG: ") + tjGetErrorStr2(reader.get()));
    };
    check(tjDecompressHeader3(reader.get(), data, length, &width, &height, &subsampling, &colours));
    judge(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
    if (colours == TJCS_CMYK || colours == TJCS_YCCK)
        refuse("is a JPEG for printing presses (CMYK): save it as RGB");
    std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    check(tjDecompress2(reader.get(), data, length, rgb.data(), width, 0, height, TJPF_RGB,
                        TJFLAG_ACCURATEDCT));
    return from_rgb(width, height, std::move(rgb));
}

std::string bytes_of(const std::filesystem::path& file) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error)
        refuse("cannot be read: " + error.message());
    if (size > most_bytes)
        refuse("is larger than " + std::to_string(most_bytes >> 20) + " MiB");
    std::ifstream in(file, std::ios::binary);
    std::string bytes(size, '\0');
    if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
        refuse("cannot be read");
    return bytes;
}

} // namespace

Picture Picture::read(const std::filesystem::path& file) {
    try {
        const std::string bytes = bytes_of(file);
        if (bytes.starts_with("\x89PNG\r\n\x1a\n"))
            return read_png(bytes);
        if (bytes.starts_with("\xff\xd8\xff"))
            return read_jpeg(bytes);
        refuse("is neither a PNG nor a JPEG file");
    } catch (const PictureError& error) {
        throw PictureError(file.string() + ": " + error.what());
    }
}

} // namespace mogiri::daemon
