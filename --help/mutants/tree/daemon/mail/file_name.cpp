#include "file_name.hpp"

#include <algorithm>
#include <set>

namespace mogiri::daemon {

namespace {

constexpr std::size_t longest = 120;
constexpr std::string_view end = ".png";

// Not inside a character of UTF-8.
void cut(std::string& text, std::size_t length) {
    if (text.size() <= length)
        return;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
        --length;
    text.resize(length);
}

std::string stem_of(std::string_view guest) {
    std::string stem(guest);
    std::replace_if(
        stem.begin(), stem.end(),
        [](unsigned char c) {
            return c < ' ' || c == 0x7f ||
                   std::string_view("/\\:*?\"<>|").find(static_cast<char>(c)) != std::string_view::npos;
        },
        '_');
    cut(stem, longest - end.size());
    // Windows drops blanks and dots at the end, and a dot in front hides a file.
    while (!stem.empty() && (stem.back() == ' ' || stem.back() == '.'))
        stem.pop_back();
    const std::size_t start = stem.find_first_not_of(" .");
    return start == stem.npos ? "ticket" : stem.substr(start);
}

} // namespace

std::string ticket_file_name(std::string_view guest) {
    return stem_of(guest) + std::string(end);
}

std::vector<std::string> ticket_file_names(const std::vector<std::string>& guests) {
    std::vector<std::string> names;
    std::set<std::string> taken;
    for (const std::string& guest : guests) {
        std::string name = ticket_file_name(guest);
        for (int number = 2; !taken.insert(name).second; ++number)
            name = stem_of(guest) + " (" + std::to_string(number) + ")" + std::string(end);
        names.push_back(name);
    }
    return names;
}

} // namespace mogiri::daemon
