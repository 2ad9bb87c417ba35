#include "ink.hpp"

#include <array>

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
    mixtures_.resize(256 * steps);
    for (const bool common : {true, false})
        for (std::size_t index = 0; index < below.size(); ++index) {
            if (seen[index] == 0 || (seen[index] > inside.width * inside.height / rare) != common)
                continue;
            for (unsigned step = 0; step < steps; ++step) {
                const Colour mixture = mix(below[index], colour, step * 255 / (steps - 1));
                mixtures_[index * steps + step] =
                    common || step == steps - 1 ? picture.index_for(mixture) : picture.nearest_index(mixture);
            }
            mixtures_[index * steps] = static_cast<std::uint8_t>(index);
        }
}

void Ink::draw(Picture& target, int top, const TextMask& mask) const {
    for (int y = 0; y < mask.box.height; ++y) {
        const std::uint8_t* coverage = mask.coverage.data() + static_cast<std::size_t>(y) * mask.box.width;
        std::uint8_t* pixel = target.row(mask.box.y + y - top) + mask.box.x * target.pixel_bytes();
        for (int x = 0; x < mask.box.width; ++x, pixel += target.pixel_bytes()) {
            if (coverage[x] == 0)
                continue;
            if (target.indexed()) {
                *pixel = mixtures_[*pixel * steps + step_of(coverage[x])];
            } else {
                const Colour mixture = mix({pixel[0], pixel[1], pixel[2]}, colour_, coverage[x]);
                pixel[0] = mixture.red, pixel[1] = mixture.green, pixel[2] = mixture.blue;
            }
        }
    }
}

} // namespace mogiri::daemon
