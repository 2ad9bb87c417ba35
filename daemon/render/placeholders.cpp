#include "placeholders.hpp"

#include <algorithm>
#include <array>

namespace mogiri::daemon {

namespace {

constexpr std::array<std::string_view, 12> placeholders = {"guest",   "reference", "applicant", "position",
                                                           "count",   "event",     "event_en",  "kind",
                                                           "kind_en", "days",      "days_en",   "contact"};

// Calls `found` for each placeholder's name and `literal` for the text between them.
template <typename Literal, typename Found> void walk(std::string_view text, Literal literal, Found found) {
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        literal(text.substr(0, open));
        const std::size_t close = text.find('}', open);
        if (close == text.npos)
            return;
        found(text.substr(open + 1, close - open - 1));
        text.remove_prefix(close + 1);
    }
}

} // namespace

bool is_placeholder(std::string_view name) {
    return std::ranges::find(placeholders, name) != placeholders.end();
}

std::string placeholder_list() {
    std::string list;
    for (const std::string_view name : placeholders)
        list += (list.empty() ? "{" : " {") + std::string(name) + "}";
    return list;
}

bool is_filled_by(std::string_view text, const Texts& texts) {
    bool all = true;
    walk(
        text, [](std::string_view) {}, [&](std::string_view name) { all = all && texts.contains(name); });
    return all;
}

std::string filled(std::string_view text, const Texts& own, const Texts& shared) {
    std::string result;
    walk(
        text, [&](std::string_view literal) { result += literal; },
        [&](std::string_view name) {
            if (const auto value = own.find(name); value != own.end())
                result += value->second;
            else if (const auto common = shared.find(name); common != shared.end())
                result += common->second;
        });
    return result;
}

} // namespace mogiri::daemon
