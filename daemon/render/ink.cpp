#include "ink.hpp"

#include <array>
#include <cstring>

namespace mogiri::daemon {

namespace {

// A colour on less than this share of a box gets no mixtures of its own, but the nearest there are.
constexpr int rare = 100;

} // namespace

Ink::Ink(Picture& picture, const Rectangle& box, Colour colour) : colour_(colour) {
    if (!picture.indexed())
        return;
    const Rectangle inside = box.within(picture.bounds());
    std::array<int, 256> seen{};
    for (int y = inside.y; y < inside.bottom(); ++y)
        for (int x = inside.x; x < inside.right(); ++x)
            ++seen[picture.row(y)[x]];
    const std::vector<Colour> below = picture.palette();
    const std::uint8_t pure = picture.index_for(colour);
    for (unsigned step = 0; step < steps; ++step)
        for (unsigned index = 0; index < 256; ++index)
            mixtures_.push_back(step < steps / 2 ? static_cast<std::uint8_t>(index) : pure);
    for (const bool common : {true, false})
        for (std::size_t index = 0; index < below.size(); ++index) {
            if (seen[index] == 0 || (seen[index] > inside.width * inside.height / rare) != common)
                continue;
            for (unsigned step = 0; step < steps; ++step) {
                const Colour mixture = mix(below[index], colour, step * 255 / (steps - 1));
                mixtures_[step * 256 + index] =
                    common || step == steps - 1 ? picture.index_for(mixture) : picture.nearest_index(mixture);
            }
            mixtures_[index] = static_cast<std::uint8_t>(index);
        }
}

void Ink::lay(std::uint8_t* pixels, std::span<const std::uint8_t> coverage) const {
    const bool indexed = !mixtures_.empty();
    for (std::size_t x = 0; x < coverage.size(); ++x) {
        if (std::uint64_t eight; x + 8 <= coverage.size()) {
            std::memcpy(&eight, coverage.data() + x, 8);
            if (eight == 0) {
                x += 7;
                continue;
            }
        }
        if (coverage[x] == 0)
            continue;
        if (indexed) {
            pixels[x] = mixtures_[step_of(coverage[x]) * 256 + pixels[x]];
        } else {
            std::uint8_t* pixel = pixels + x * 3;
            const Colour mixture = mix({pixel[0], pixel[1], pixel[2]}, colour_, coverage[x]);
            pixel[0] = mixture.red, pixel[1] = mixture.green, pixel[2] = mixture.blue;
        }
    }
}

void Ink::draw(Picture& target, const TextMask& mask) const {
    const auto width = static_cast<std::size_t>(mask.box.width);
    for (int y = 0; y < mask.box.height; ++y)
        lay(target.row(mask.box.y + y) + mask.box.x * target.pixel_bytes(),
            std::span(mask.coverage).subspan(static_cast<std::size_t>(y) * width, width));
}

} // namespace mogiri::daemon
