// What an organiser should know about a layout before tickets are sent: names that have no room or no glyphs,
// and a QR code that will be hard to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "layout.hpp"
#include "placeholders.hpp"

namespace mogiri::daemon {

// Longest, shortest and strangest, each with the texts of its ticket.
struct SampleTicket {
    const char* name; // of its preview
    Texts own;
};
const std::vector<SampleTicket>& sample_tickets();

// Texts of an event that is nobody's.
const Texts& sample_event();

struct LayoutWarning {
    std::string key; // "text[2]", "qr.size"
    std::string text;
};

// `code`: one as long as all of them. Throws LayoutError when no ticket can be drawn.
std::vector<LayoutWarning> examine_layout(const Layout& layout, std::string_view language,
                                          std::string_view code);

// Throws LayoutError when no ticket of the layout in that file could be drawn.
void require_printable(const std::filesystem::path& file, std::string_view code);

} // namespace mogiri::daemon
