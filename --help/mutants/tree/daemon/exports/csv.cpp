// Lines of CSV: RFC 4180, every cell quoted, none of them a formula.
#include "csv.hpp"

#include <algorithm>
#include <array>

namespace mogiri::daemon {

namespace {

// The full-width signs begin a formula in a Japanese Excel, too.
constexpr std::array<std::string_view, 11> beginnings = {"=",  "+",  "-",  "@",  "\t", "\r",
                                                         "\n", "＝", "＋", "－", "＠"};

} // namespace

void add_csv_cell(std::string& line, std::string_view text) {
    if (!line.empty() && !line.ends_with('\n'))
        line += ',';
    line += '"';
    if (std::ranges::any_of(beginnings, [&](std::string_view sign) { return text.starts_with(sign); }))
        line += '\'';
    for (char c : text) {
        if (c == '"')
            line += '"';
        line += c;
    }
    line += '"';
}

void end_csv_line(std::string& line) {
    line += "\r\n";
}

} // namespace mogiri::daemon
