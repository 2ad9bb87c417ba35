// An event's own words for its mails: a subject, and a text in place of a mail's first paragraph.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace mogiri {

class SettingsReader;
struct EventSettings;

// Fills "{count}" and the like; a name that has no value stands for nothing. Precondition: the text was read
// with an event's settings, which refuse what is no placeholder.
std::string filled_words(std::string_view text, const std::map<std::string_view, std::string>& values);

// [mail.<kind>] of an event: { "subject"?: L, "text"?: L }. Throws SettingsError.
void read_mail_words(SettingsReader& reader, EventSettings& event);

} // namespace mogiri
