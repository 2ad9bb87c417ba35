// A picture in memory: one byte per pixel into a palette where the colours are few, else three.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace mogiri::daemon {

struct Colour {
    std::uint8_t red = 0, green = 0, blue = 0;
    bool operator==(const Colour&) const = default;
};

// `part` of 255 from one colour to the other.
Colour mix(Colour from, Colour to, unsigned part);

// As stored: an index into the palette, or red, green and blue.
using Pixel = std::array<std::uint8_t, 3>;

struct Rectangle {
    int x = 0, y = 0, width = 0, height = 0;
    int right() const { return x + width; }
    int bottom() const { return y + height; }
    Rectangle within(const Rectangle& bounds) const;
};

class PictureError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Pixels are rows from the top, without gaps. A palette that is not empty means one byte per pixel.
class Picture {
  public:
    Picture(int width, int height, std::vector<Colour> palette, std::vector<std::uint8_t> pixels)
        : width_(width), height_(height), palette_(std::move(palette)), pixels_(std::move(pixels)) {}

    // A PNG file, its transparency on white. The size is judged before a pixel is read. Throws PictureError.
    static Picture read_png(const std::filesystem::path& file);

    int width() const { return width_; }
    int height() const { return height_; }
    bool indexed() const { return !palette_.empty(); }
    int pixel_bytes() const { return indexed() ? 1 : 3; }
    std::size_t row_bytes() const { return static_cast<std::size_t>(width_) * pixel_bytes(); }
    const std::vector<Colour>& palette() const { return palette_; }
    const std::uint8_t* row(int y) const { return pixels_.data() + y * row_bytes(); }
    std::uint8_t* row(int y) { return pixels_.data() + y * row_bytes(); }

    Rectangle bounds() const { return {0, 0, width_, height_}; }

    // The palette's index of a colour: added while there is room, then the nearest.
    std::uint8_t index_for(Colour colour);
    std::uint8_t nearest_index(Colour colour) const;
    Pixel pixel_for(Colour colour);

    // A copy of some rows.
    Picture rows(int top, int count) const;
    // Precondition: the box is inside.
    void fill(const Rectangle& box, Pixel pixel);

  private:
    int width_, height_;
    std::vector<Colour> palette_;
    std::vector<std::uint8_t> pixels_;
};

} // namespace mogiri::daemon
