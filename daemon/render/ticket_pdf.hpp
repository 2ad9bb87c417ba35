// A ticket as a PDF file: its text as text in embedded fonts, its code as squares, its background as a
// picture.
#pragma once

#include <string>
#include <string_view>

#include "layout.hpp"
#include "placeholders.hpp"

namespace mogiri::daemon {

enum class Paper {
    own, // as large as the layout's picture at its resolution
    a4,  // in the middle of the sheet, set smaller where it must be
};

// As TicketPrinter prints it, but for the colours of emoji. `language`: "ja" or "en". Reads the background
// anew. Any thread may call it. Throws LayoutError.
std::string ticket_pdf(const Layout& layout, Paper paper, std::string_view code, const Texts& own,
                       const Texts& shared, std::string_view language);

} // namespace mogiri::daemon
