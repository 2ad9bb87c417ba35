// A colour laid over a picture with soft edges. In a palette the mixtures it needs are found beforehand.
#pragma once

#include <cstdint>
#include <vector>

#include "picture.hpp"
#include "text_mask.hpp"

namespace mogiri::daemon {

class Ink {
  public:
    // Adds the mixtures of `colour` with what is in the box to the picture's palette.
    Ink(Picture& picture, const Rectangle& box, Colour colour);

    // `target` has the palette of that picture and shows its rows from `top` on.
    void draw(Picture& target, int top, const TextMask& mask) const;

  private:
    static constexpr unsigned steps = 16;
    static unsigned step_of(std::uint8_t coverage) { return (coverage * (steps - 1) + 127) / 255; }

    Colour colour_;
    std::vector<std::uint8_t> mixtures_; // [pixel below × steps + step]; empty without a palette
};

} // namespace mogiri::daemon
