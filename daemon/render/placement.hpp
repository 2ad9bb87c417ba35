// Where a layout's code and texts stand in its picture, and whether they can stand there.
#pragma once

#include <string_view>
#include <vector>

#include "layout.hpp"
#include "placeholders.hpp"

namespace mogiri::daemon {

struct CodePlace {
    Rectangle box;   // of the modules, without the quiet zone
    int modules = 0; // a side
    int module = 0;  // pixels a side
};

// Texts that differ between tickets and whose boxes lie on one another; no two groups share a pixel.
struct TextGroup {
    Rectangle box;
    std::vector<const TextPlace*> places; // of the layout
};

// All throw LayoutError, which names the file and its key.

Picture read_background(const Layout& layout);

// `code`: one as long as all of them.
CodePlace place_code(const Layout& layout, std::string_view code);

// Every box is inside of the picture.
void require_room(const Layout& layout, const Rectangle& picture);

// Of the texts that `shared` does not fill. None may lie on the code.
std::vector<TextGroup> group_own_texts(const Layout& layout, const CodePlace& code, const Texts& shared,
                                       std::string_view language);

} // namespace mogiri::daemon
