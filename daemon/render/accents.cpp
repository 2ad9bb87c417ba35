#include "accents.hpp"

#include <glib.h>

#include "../owned.hpp"

namespace mogiri::daemon {

namespace {

bool is_accent(gunichar character) {
    return (character >= 0x0300 && character <= 0x036f) || (character >= 0x1ab0 && character <= 0x1aff) ||
           (character >= 0x1dc0 && character <= 0x1dff) || character == 0x3099 || character == 0x309a;
}

// Letters with their accents: calls `found` for each, with whether it has any.
template <typename Found> void each_letter(std::string_view text, Found found) {
    const char* const end = text.data() + text.size();
    for (const char* from = text.data(); from < end;) {
        const char* to = g_utf8_next_char(from);
        bool accented = false;
        while (to < end && is_accent(g_utf8_get_char(to))) {
            to = g_utf8_next_char(to);
            accented = true;
        }
        found(std::string_view(from, static_cast<std::size_t>(to - from)), accented);
        from = to;
    }
}

bool is_readable(std::string_view text) {
    return g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr);
}

} // namespace

std::string composed(std::string_view text) {
    if (!is_readable(text))
        return std::string(text);
    std::string result;
    each_letter(text, [&](std::string_view letter, bool accented) {
        if (!accented) {
            result += letter;
            return;
        }
        const Owned<char, g_free> one(
            g_utf8_normalize(letter.data(), static_cast<gssize>(letter.size()), G_NORMALIZE_NFC));
        result += one.get();
    });
    return result;
}

std::vector<Span> accented_words(std::string_view text) {
    std::vector<Span> words;
    if (!is_readable(text))
        return words;
    Span word{0, 0};
    bool found = false;
    const auto end_word = [&] {
        if (found)
            words.push_back(word);
        found = false;
    };
    each_letter(text, [&](std::string_view letter, bool accented) {
        if (g_unichar_isspace(g_utf8_get_char(letter.data()))) {
            end_word();
            word.begin = word.end + letter.size();
        }
        word.end += letter.size();
        found = found || accented;
    });
    end_word();
    return words;
}

} // namespace mogiri::daemon
