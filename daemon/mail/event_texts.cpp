#include "event_texts.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace mogiri::daemon {

namespace {

using namespace std::chrono;

constexpr std::array<const char*, 7> weekdays_ja = {"日", "月", "火", "水", "木", "金", "土"};
constexpr std::array<const char*, 7> weekdays_en = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months_en = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};

std::optional<year_month_day> calendar_day(std::string_view date) {
    const auto number = [&](std::size_t from, std::size_t length) {
        int value = 0;
        std::from_chars(date.data() + from, date.data() + from + length, value);
        return value;
    };
    if (date.size() != 10)
        return std::nullopt;
    const year_month_day day{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                             std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    return day.ok() ? std::optional(day) : std::nullopt;
}

// "12日(土)", "Sat 12"
std::string day_text(const year_month_day& day, Language language) {
    const unsigned weekday_index = weekday(sys_days(day)).c_encoding();
    const std::string number = std::to_string(static_cast<unsigned>(day.day()));
    return language == Language::ja ? number + "日(" + weekdays_ja[weekday_index] + ")"
                                    : weekdays_en[weekday_index] + (" " + number);
}

// Put around the days of one month.
std::string in_month(const year_month_day& day, const std::string& days, Language language) {
    const std::string year = std::to_string(static_cast<int>(day.year()));
    const unsigned month = static_cast<unsigned>(day.month());
    return language == Language::ja ? year + "年" + std::to_string(month) + "月" + days
                                    : days + " " + months_en[month - 1] + " " + year;
}

} // namespace

std::string date_text(std::string_view date, Language language) {
    const auto day = calendar_day(date);
    return day ? in_month(*day, day_text(*day, language), language) : std::string(date);
}

std::string days_text(const std::vector<EventDay>& days, Language language) {
    const std::string between = language == Language::ja ? "・" : " & ";
    std::string result, in_one_month;
    std::optional<year_month_day> first;
    bool one_month = true;
    for (const EventDay& event_day : days) {
        const auto day = calendar_day(event_day.date);
        if (!first)
            first = day;
        one_month = one_month && day && day->year() == first->year() && day->month() == first->month();
        result += (result.empty() ? "" : between) + date_text(event_day.date, language);
        if (one_month)
            in_one_month += (in_one_month.empty() ? "" : between) + day_text(*day, language);
    }
    return one_month && first ? in_month(*first, in_one_month, language) : result;
}

std::string status_url(const std::string& server, const EventSettings& event,
                       const std::string& application) {
    return server + (event.is_default ? "" : "/e/" + event.slug) + "/apply/result/" + application;
}

} // namespace mogiri::daemon
