// An event's facts in words, for tickets and mails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <event_settings.hpp>

namespace mogiri::daemon {

// "2027年6月12日(土)", "Sat 12 June 2027". A date that is none stays as it is.
std::string date_text(std::string_view date, Language language);

// All of an event's days, short: "2027年6月12日(土)・13日(日)", "Sat 12 & Sun 13 June 2027".
std::string days_text(const std::vector<EventDay>& days, Language language);

// Where an applicant sees the application. `server`: "https://tickets.example.jp"
std::string status_url(const std::string& server, const EventSettings& event, const std::string& application);

} // namespace mogiri::daemon
