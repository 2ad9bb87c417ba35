// Calendar entries: which days, when, and in lines that every calendar reads.
#include <mail/calendar.hpp>

#include <gtest/gtest.h>

namespace mogiri::daemon {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t first_opens = 1'812'758'400'000; // 2027-06-12 00:00 UTC, 09:00 in Tokyo

EventSettings festival() {
    EventSettings event;
    event.slug = "fest";
    event.version = 7;
    event.name = {"音楽祭", "Music; Festival, \\o/"};
    event.contact = "festival@example.jp";
    for (std::uint8_t number : {1, 2}) {
        EventDay day;
        day.number = number;
        day.opens_ms = first_opens + (number - 1) * 24 * hour_ms;
        day.closes_ms = day.opens_ms + 7 * hour_ms + 30 * 60'000;
        day.name = {std::to_string(number) + "日目", "day " + std::to_string(number)};
        event.days.push_back(day);
    }
    event.kinds.resize(2);
    event.kinds[0].id = "guest";
    event.kinds[1].id = "second-day";
    event.kinds[1].days = {2};
    return event;
}

CalendarFacts facts(std::vector<std::string> kinds) {
    return {"A1B2", "https://fest.example.jp/apply/result/A1B2", std::move(kinds), first_opens};
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

// What a reader makes of it (RFC 5545, 3.1).
std::string unfolded(std::string text) {
    for (std::size_t at; (at = text.find("\r\n ")) != text.npos;)
        text.erase(at, 3);
    return text;
}

TEST(Calendar, HasAnEntryForEachDayOfTheTickets) {
    const std::string both = calendar_of(festival(), facts({"guest", "guest"}), Language::ja);
    EXPECT_EQ(count(both, "BEGIN:VEVENT\r\n"), 2u);
    EXPECT_TRUE(both.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"));
    EXPECT_TRUE(both.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    const std::string second = calendar_of(festival(), facts({"second-day"}), Language::ja);
    EXPECT_EQ(count(second, "BEGIN:VEVENT\r\n"), 1u);
    EXPECT_NE(second.find("UID:A1B2-day-2@fest.mogiri\r\n"), second.npos);
    EXPECT_EQ(calendar_of(festival(), facts({}), Language::ja), "");
}

TEST(Calendar, SaysTheTimesInUtc) {
    const std::string calendar = calendar_of(festival(), facts({"guest"}), Language::ja);
    EXPECT_NE(calendar.find("DTSTART:20270612T000000Z\r\nDTEND:20270612T073000Z\r\n"), calendar.npos);
    EXPECT_NE(calendar.find("DTSTART:20270613T000000Z\r\n"), calendar.npos);
    EXPECT_NE(calendar.find("DTSTAMP:20270612T000000Z\r\n"), calendar.npos);
}

TEST(Calendar, IsReplacedByALaterOneOfTheSameTicketsAndDay) {
    EventSettings event = festival();
    const std::string before = calendar_of(event, facts({"guest"}), Language::ja);
    event.version = 8;
    event.days[0].opens_ms += hour_ms;
    const std::string after = calendar_of(event, facts({"guest"}), Language::ja);
    EXPECT_EQ(count(before, "UID:A1B2-day-1@fest.mogiri\r\n"), 1u);
    EXPECT_EQ(count(after, "UID:A1B2-day-1@fest.mogiri\r\n"), 1u);
    EXPECT_EQ(count(before, "SEQUENCE:7\r\n"), 2u);
    EXPECT_EQ(count(after, "SEQUENCE:8\r\n"), 2u);
}

TEST(Calendar, EscapesWhatEndsAValue) {
    EventSettings event = festival();
    event.days[0].name.en = "a\r\nEND:VEVENT\nb\x01\x7f";
    const std::string calendar = unfolded(calendar_of(event, facts({"guest"}), Language::en));
    EXPECT_NE(calendar.find(R"(SUMMARY:Music\; Festival\, \\o/\, a\nEND:VEVENT\nb)"
                            "\r\n"),
              calendar.npos);
    EXPECT_EQ(count(calendar, "\r\nEND:VEVENT\r\n"), 2u);
}

TEST(Calendar, FoldsLinesBetweenCharacters) {
    EventSettings event = festival();
    for (int i = 0; i < 60; ++i)
        event.name.ja += i % 3 ? "祭" : "𠮷";
    const std::string calendar = calendar_of(event, facts({"guest"}), Language::ja);
    for (std::size_t from = 0, end; from < calendar.size(); from = end + 2) {
        end = calendar.find("\r\n", from);
        ASSERT_NE(end, calendar.npos);
        const std::string_view line = std::string_view(calendar).substr(from, end - from);
        EXPECT_LE(line.size(), 75u);
        ASSERT_FALSE(line.empty());
        const char first = line[line[0] == ' ' ? 1 : 0];
        EXPECT_NE(static_cast<unsigned char>(first) & 0xc0, 0x80) << line;
        EXPECT_EQ(line.find('\n'), line.npos);
    }
    EXPECT_NE(unfolded(calendar).find("SUMMARY:" + event.name.ja + "　1日目\r\n"), calendar.npos);
}

} // namespace
} // namespace mogiri::daemon
