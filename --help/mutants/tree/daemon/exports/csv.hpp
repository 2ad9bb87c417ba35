// Lines of CSV: RFC 4180, every cell quoted, none of them a formula.
#pragma once

#include <string>
#include <string_view>

namespace mogiri::daemon {

// Excel takes a file without it for one in the system's own encoding.
inline constexpr std::string_view csv_beginning = "\xEF\xBB\xBF";

// Appends the cell, and what parts it from the one before. What a spreadsheet would calculate has an
// apostrophe before it, as OWASP's page on CSV injection says.
void add_csv_cell(std::string& line, std::string_view text);
void end_csv_line(std::string& line);

} // namespace mogiri::daemon
