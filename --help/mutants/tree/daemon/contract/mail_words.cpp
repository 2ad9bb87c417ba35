// Reads and fills an event's own words for its mails.
#include "mail_words.hpp"

#include <algorithm>
#include <array>

#include "plain_text.hpp"
#include "settings_reader.hpp"

namespace mogiri {

namespace {

struct MailKind {
    std::string_view name;
    std::array<std::string_view, 5> places; // what its texts may name
};

constexpr std::array kinds = {
    MailKind{"tickets", {"event", "contact", "applicant", "status_url", "count"}},
    MailKind{"failed", {"event", "contact", "status_url"}},
    MailKind{"unconfirmed", {"event", "contact", "hours"}},
    MailKind{"awaiting_approval", {"event", "contact", "status_url"}},
    MailKind{"waiting", {"event", "contact", "status_url"}},
    MailKind{"rejected", {"event", "contact", "status_url"}},
    MailKind{"links", {"event", "contact"}},
};

// Calls take(name) for the text between each pair of braces; false when a brace has no partner.
template <typename Take> bool each_place(std::string_view text, Take take) {
    for (std::size_t at = text.find_first_of("{}"); at != text.npos; at = text.find_first_of("{}", at + 1)) {
        const std::size_t end = text.find_first_of("{}", at + 1);
        if (text[at] == '}' || end == text.npos || text[end] == '{')
            return false;
        take(text.substr(at + 1, end - at - 1));
        at = end;
    }
    return true;
}

void check(const SettingsReader& reader, const char* language, const std::string& text, const MailKind& kind,
           bool lines, std::int64_t most) {
    if (has_control_character(text, lines))
        reader.refuse(language, lines ? "must have no control characters" : "must be one line");
    if (is_invisible(text) || characters(text) > most)
        reader.refuse(language, "must have 1 to " + std::to_string(most) + " characters");
    std::string known, unknown;
    for (const std::string_view place : kind.places)
        if (!place.empty())
            known.append(known.empty() ? "{" : ", {").append(place).append("}");
    const bool paired = each_place(text, [&](std::string_view place) {
        if (place.empty() || std::ranges::find(kind.places, place) == kind.places.end())
            unknown = "{" + std::string(place) + "}";
    });
    if (!paired)
        reader.refuse(language, "has a brace without its partner; a place is one of " + known);
    if (!unknown.empty())
        reader.refuse(language, "names " + unknown + "; a place is one of " + known);
}

Localized read_words(SettingsReader& reader, const char* key, const MailKind& kind, bool lines,
                     std::int64_t most) {
    const Localized words = reader.localized(key, false);
    if (reader.has(key)) {
        const SettingsReader both(reader.get(key), reader.path_of(key));
        check(both, "ja", words.ja, kind, lines, most);
        check(both, "en", words.en, kind, lines, most);
    }
    return words;
}

} // namespace

std::string filled_words(std::string_view text, const std::map<std::string_view, std::string>& values) {
    std::string filled;
    const char* rest = text.data();
    each_place(text, [&](std::string_view place) {
        filled.append(rest, place.data() - 1);
        if (const auto value = values.find(place); value != values.end())
            filled += value->second;
        rest = place.data() + place.size() + 1;
    });
    return filled.append(rest, text.data() + text.size());
}

void read_mail_words(SettingsReader& reader, EventSettings& event) {
    if (!reader.has("mail"))
        return;
    SettingsReader mails(reader.get("mail"), reader.path_of("mail"));
    for (const MailKind& kind : kinds) {
        const std::string name(kind.name);
        if (!mails.has(name))
            continue;
        SettingsReader words(mails.get(name), mails.path_of(name));
        event.mails[name] = {read_words(words, "subject", kind, false, 200),
                             read_words(words, "text", kind, true, 4000)};
        words.finish();
    }
    mails.finish();
}

} // namespace mogiri
