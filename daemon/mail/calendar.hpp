// The days of an application's tickets as entries for a calendar (.ics): RFC 5545.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <event_settings.hpp>

namespace mogiri::daemon {

struct CalendarFacts {
    std::string application;        // its id, which with the day's number makes the entry's UID
    std::string status_url;         // may be empty
    std::vector<std::string> kinds; // ids, of its valid tickets: their days are entered
    std::int64_t now_ms = 0;        // since 1970
};

// text/calendar in UTF-8, with times in UTC, so that it needs no table of time zones. An entry that was taken
// over before is replaced when the event has changed since. `event`: as published, with its days' opens_ms.
// Empty when the tickets are let in on no day.
std::string calendar_of(const EventSettings& event, const CalendarFacts& facts, Language language);

} // namespace mogiri::daemon
