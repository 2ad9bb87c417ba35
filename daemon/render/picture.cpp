#include "picture.hpp"

#include <algorithm>

namespace mogiri::daemon {

namespace {

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
