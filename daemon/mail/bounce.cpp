// Judges what comes back of a mail, whichever form it has.
#include "bounce.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <glib.h>

namespace mogiri::daemon {

namespace {

constexpr std::size_t longest_line = 400;

// As mail servers say that there is nobody of that name.
constexpr std::array<std::string_view, 16> nobody = {"user unknown",        "unknown user",
                                                     "no such user",        "no such recipient",
                                                     "does not exist",      "no mailbox here",
                                                     "unknown mailbox",     "mailbox unavailable",
                                                     "invalid recipient",   "recipient rejected: unknown",
                                                     "not a valid mailbox", "user doesn't have a",
                                                     "domain not found",    "host unknown",
                                                     "name not found",      "unknown address"};

// The statuses of an address that will not do later either: bad mailbox, bad system, bad syntax, moved, does
// not accept mail, disabled, no route.
constexpr std::array<std::string_view, 8> for_good = {"5.1.1",  "5.1.2", "5.1.3", "5.1.6",
                                                      "5.1.10", "5.2.1", "5.4.4", "5.1.0"};

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

// "550 5.1.1 <…>: no": the first "n.n.n" in it.
std::string status_in(std::string_view said) {
    for (std::size_t i = 0; i + 4 < said.size(); ++i) {
        if ((said[i] != '5' && said[i] != '4') || said[i + 1] != '.' ||
            (i > 0 && (digit(said[i - 1]) || said[i - 1] == '.')))
            continue;
        std::size_t end = i + 2, dots = 1;
        while (end < said.size() &&
               (digit(said[end]) || (said[end] == '.' && dots < 2 && digit(said[end - 1]))))
            dots += said[end++] == '.' ? 1 : 0;
        if (dots == 2 && digit(said[end - 1]) && end - i <= 9 && (end == said.size() || said[end] != '.'))
            return std::string(said.substr(i, end - i));
    }
    return {};
}

} // namespace

const char* bounce_name(BounceKind kind) {
    switch (kind) {
    case BounceKind::hard:
        return "hard";
    case BounceKind::soft:
        return "soft";
    case BounceKind::complaint:
        return "complaint";
    case BounceKind::news:
        break;
    }
    return "news";
}

BounceKind judge_bounce(std::string_view status, std::string_view said) {
    const std::string told = lower(said);
    std::string code(status);
    if (code.empty() || code.ends_with(".0.0") || code == "5.5.0" || code == "5.3.0")
        if (std::string found = status_in(said); !found.empty())
            code = std::move(found);
    if (std::ranges::find(for_good, code) != for_good.end())
        return BounceKind::hard;
    const bool says_nothing = code.empty() || code == "5.0.0" || code == "5.5.0" || code == "5.3.0";
    const bool knows_nobody =
        std::ranges::any_of(nobody, [&](std::string_view words) { return told.find(words) != told.npos; });
    return says_nothing && knows_nobody ? BounceKind::hard : BounceKind::soft;
}

std::string one_line(std::string_view said) {
    const std::unique_ptr<char, decltype(&g_free)> valid(
        g_utf8_make_valid(said.data(), static_cast<gssize>(std::min(said.size(), longest_line))), g_free);
    std::string line;
    for (const char c : std::string_view(valid.get())) {
        const bool blank = static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ' ';
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    if (line.ends_with(' '))
        line.pop_back();
    return line;
}

Bounce read_bounce(std::string_view text) {
    if (text.size() > largest_bounce)
        throw NotABounce("it is larger than 32 MiB, so it is no bounce of ours");
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == text.npos)
        throw NotABounce("it is empty");
    return text[begin] == '{' ? read_ses_notification(text.substr(begin)) : read_bounce_mail(text);
}

} // namespace mogiri::daemon
