// Placeholders in a layout's texts, "{guest}", and what stands in their place.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace mogiri::daemon {

// Placeholder → text.
using Texts = std::map<std::string, std::string, std::less<>>;

// A text may ask for: guest, reference, applicant, position, count, and of the event
// event, event_en, kind, kind_en, days, days_en, contact.
bool is_placeholder(std::string_view name);

// All of them, as a refusal lists them: "{guest} {reference} …".
std::string placeholder_list();

// Whether these texts fill all of it.
bool is_filled_by(std::string_view text, const Texts& texts);

// What stands in neither is left out.
std::string filled(std::string_view text, const Texts& own, const Texts& shared);

} // namespace mogiri::daemon
