#include "calendar.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>

namespace mogiri::daemon {

namespace {

constexpr std::size_t longest_line = 75; // bytes, without its end

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// One property, on as many lines as it needs; no character is parted.
void append_line(std::string& calendar, std::string_view line) {
    std::size_t room = longest_line;
    while (line.size() > room) {
        std::size_t end = room;
        while (continues_character(line[end]))
            --end;
        calendar.append(line.substr(0, end)).append("\r\n ");
        line.remove_prefix(end);
        room = longest_line - 1; // after the blank
    }
    calendar.append(line).append("\r\n");
}

// As a TEXT value; control characters other than the line feed have no place in one.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char byte : text) {
        if (byte == '\n') {
            result += "\\n";
            continue;
        }
        if (byte == '\\' || byte == ';' || byte == ',')
            result += '\\';
        if (static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f)
            result += byte;
    }
    return result;
}

// "20270612T003000Z"
std::string utc(std::int64_t ms) {
    using namespace std::chrono;
    const sys_seconds moment{floor<seconds>(milliseconds(ms))};
    const auto midnight = floor<days>(moment);
    const year_month_day day(midnight);
    const hh_mm_ss time(moment - midnight);
    char text[32];
    std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text;
}

bool is_let_in(const EventSettings& event, const CalendarFacts& facts, const EventDay& day) {
    return std::ranges::any_of(event.kinds, [&](const TicketKind& kind) {
        return kind.valid_on(day.number) && std::ranges::find(facts.kinds, kind.id) != facts.kinds.end();
    });
}

void append_day(std::string& calendar, const EventSettings& event, const EventDay& day,
                const CalendarFacts& facts, Language language) {
    append_line(calendar, "BEGIN:VEVENT");
    append_line(calendar, "UID:" + facts.application + "-day-" + std::to_string(day.number) + "@" +
                              event.slug + ".mogiri");
    append_line(calendar, "DTSTAMP:" + utc(facts.now_ms));
    append_line(calendar, "SEQUENCE:" + std::to_string(event.version));
    append_line(calendar, "DTSTART:" + utc(day.opens_ms));
    append_line(calendar, "DTEND:" + utc(day.closes_ms));
    std::string summary = event.name.in(language);
    if (const std::string& name = day.name.in(language); !name.empty())
        summary += (language == Language::ja ? "　" : ", ") + name;
    append_line(calendar, "SUMMARY:" + escaped(summary));
    if (!facts.status_url.empty()) {
        append_line(calendar, "DESCRIPTION:" + escaped((language == Language::ja ? "入場券: " : "Tickets: ") +
                                                       facts.status_url));
        append_line(calendar, "URL:" + facts.status_url);
    }
    if (!event.contact.empty())
        append_line(calendar, "CONTACT:" + escaped(event.contact));
    append_line(calendar, "END:VEVENT");
}

} // namespace

std::string calendar_of(const EventSettings& event, const CalendarFacts& facts, Language language) {
    std::string days;
    for (const EventDay& day : event.days)
        if (is_let_in(event, facts, day))
            append_day(days, event, day, facts, language);
    if (days.empty())
        return "";
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//mogiri//mogirid//EN\r\n" + days + "END:VCALENDAR\r\n";
}

} // namespace mogiri::daemon
