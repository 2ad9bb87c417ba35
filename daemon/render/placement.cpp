#include "placement.hpp"

#include <algorithm>
#include <string>

namespace mogiri::daemon {

namespace {

// Smaller modules are hard to read from a phone.
constexpr int smallest_module = 4;
// JPEG writes blocks of 8 × 8 pixels. A module that is made of whole ones stays flat however coarsely they
// are kept; one that parts them gets ripples, in which zbar finds no code
// (tests/system/test_layouts.py).
constexpr int block = 8;

bool overlap(const Rectangle& one, const Rectangle& other) {
    const Rectangle both = one.within(other);
    return both.width > 0 && both.height > 0;
}

Rectangle around(const Rectangle& one, const Rectangle& other) {
    const int left = std::min(one.x, other.x), top = std::min(one.y, other.y);
    return {left, top, std::max(one.right(), other.right()) - left,
            std::max(one.bottom(), other.bottom()) - top};
}

// Whole blocks when the code loses at most a fifth of its size.
int module_of(int room, int modules) {
    const int module = room / modules, even = module / block * block;
    return even * 5 >= module * 4 ? even : module;
}

// In the middle of the square, or up to half a block beside it where a block begins, if the quiet zone allows
// it.
int start_of(int square, int size, int side, int quiet) {
    const int middle = square + (size - side) / 2;
    const int even = (middle + block / 2) / block * block;
    const bool quiet_enough = even - square > quiet && square + size - even - side > quiet;
    return quiet_enough ? even : middle;
}

} // namespace

Picture read_background(const Layout& layout) {
    try {
        return Picture::read(layout.background);
    } catch (const PictureError& error) {
        throw LayoutError(layout.file.string() + ": background: " + error.what());
    }
}

CodePlace place_code(const Layout& layout, std::string_view code) {
    const QrPlace& qr = layout.qr;
    CodePlace place;
    place.modules = QrSymbol(code, qr.error_correction).width();
    const int modules = place.modules + 2 * qr.quiet_zone;
    // Whole pixels to a module; what is left over widens the quiet zone.
    place.module = module_of(qr.size - 2, modules);
    if (place.module < smallest_module)
        throw LayoutError(layout.file.string() + ": qr.size = " + std::to_string(qr.size) +
                          ": must be at least " + std::to_string(modules * smallest_module + 2) +
                          " for codes of " + std::to_string(code.size()) + " characters");
    const int side = place.module * place.modules, quiet = place.module * qr.quiet_zone;
    place.box = {start_of(qr.x, qr.size, side, quiet), start_of(qr.y, qr.size, side, quiet), side, side};
    return place;
}

void require_room(const Layout& layout, const Rectangle& picture) {
    const auto require = [&](const Rectangle& box, const std::string& what) {
        const Rectangle inside = box.within(picture);
        if (inside.width != box.width || inside.height != box.height)
            throw LayoutError(layout.file.string() + ": " + what + " reaches beyond the picture, which is " +
                              std::to_string(picture.width) + "x" + std::to_string(picture.height));
    };
    require(layout.qr.box(), "qr");
    for (std::size_t index = 0; index < layout.texts.size(); ++index)
        require(layout.texts[index].box, "text[" + std::to_string(index) + "]");
}

std::vector<TextGroup> group_own_texts(const Layout& layout, const CodePlace& code, const Texts& shared,
                                       std::string_view language) {
    std::vector<TextGroup> groups;
    for (const TextPlace& place : layout.texts) {
        if (is_filled_by(place.in(language), shared))
            continue;
        TextGroup group{place.box, {&place}};
        for (std::size_t index = 0; index < groups.size();)
            if (overlap(groups[index].box, group.box)) {
                group.box = around(groups[index].box, group.box);
                group.places.insert(group.places.begin(), groups[index].places.begin(),
                                    groups[index].places.end());
                groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(index));
                index = 0; // larger now, it may lie on those before it
            } else {
                ++index;
            }
        groups.push_back(std::move(group));
    }
    // The row below the code is the same on every ticket.
    const Rectangle kept{code.box.x, code.box.y, code.box.width, code.box.height + 1};
    for (const TextGroup& group : groups)
        if (overlap(group.box, kept))
            throw LayoutError(layout.file.string() + ": text[" +
                              std::to_string(group.places.front() - layout.texts.data()) +
                              "] lies on the qr, which could not be read then: move it, or make its width or "
                              "height smaller");
    return groups;
}

} // namespace mogiri::daemon
