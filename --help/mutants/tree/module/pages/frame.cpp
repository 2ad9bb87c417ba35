// Fills the head and foot that all pages share.
#include "pages/frame.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace mogiri::module {
namespace {

constexpr std::array<std::string_view, 7> ja_days = {"日", "月", "火", "水", "木", "金", "土"};
constexpr std::array<std::string_view, 7> en_days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> en_months = {"January",   "February", "March",    "April",
                                                        "May",       "June",     "July",     "August",
                                                        "September", "October",  "November", "December"};

struct Tongue {
    Language language;
    std::string_view label;
};
constexpr std::array<Tongue, 2> tongues = {{{Language::ja, "日本語"}, {Language::en, "English"}}};

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

std::optional<std::chrono::year_month_day> calendar_day(std::string_view date) {
    if (date.size() != 10) {
        return std::nullopt;
    }
    const auto year = number(date.substr(0, 4)), month = number(date.substr(5, 2)),
               day = number(date.substr(8, 2));
    if (!year || !month || !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day found{std::chrono::year(*year),
                                            std::chrono::month(static_cast<unsigned>(*month)),
                                            std::chrono::day(static_cast<unsigned>(*day))};
    return found.ok() ? std::optional(found) : std::nullopt;
}

PageData framed(const PageFrame& frame, std::string_view title, const TongueButtons* buttons) {
    PageData data;
    put(data, "lang", language_tag(frame.language));
    put(data, "title", title);
    for (const auto key : {"refresh", "errors_title", "notice", "contact"}) {
        data[key] = PageData(false);
    }
    data["event"] = PageData(false);
    if (frame.event != nullptr) {
        PageData event;
        put(event, "name", frame.event->name.in(frame.language));
        put(event, "home", frame.link("/"));
        put(event, "when", days_in_words(frame.event->days, frame.language));
        data["event"] = std::move(event);
        put(data, "contact", frame.event->contact);
    }
    PageData list(PageData::type::list);
    for (const auto& tongue : tongues) {
        PageData one;
        put(one, "code", language_tag(tongue.language));
        put(one, "label", tongue.label);
        one["current"] = PageData(tongue.language == frame.language);
        one["button"] = PageData(buttons != nullptr);
        put(one, "switch_action", buttons != nullptr ? buttons->action : "");
        put(one, "href", std::string("?lang=").append(language_tag(tongue.language)));
        list.push_back(one);
    }
    data["tongues"] = std::move(list);
    return data;
}

} // namespace

std::string PageFrame::link(std::string_view to) const {
    std::string address = base + std::string(to);
    if (chosen) {
        address += "?lang=" + std::string(language_tag(language));
    }
    return address;
}

PageData page_data(const PageFrame& frame, std::string_view title, LinkedTongues) {
    return framed(frame, title, nullptr);
}

PageData page_data(const PageFrame& frame, std::string_view title, const TongueButtons& buttons) {
    return framed(frame, title, &buttons);
}

void put_steps(PageData& data, const PageWords& words, Step current) {
    PageData list(PageData::type::list);
    for (const auto& [step, key] :
         {std::pair(Step::form, "step_form"), std::pair(Step::confirm, "step_confirm"),
          std::pair(Step::result, "step_result")}) {
        PageData one;
        put(one, "label", words[key]);
        one["current"] = PageData(step == current);
        one["done"] = PageData(step < current);
        list.push_back(one);
    }
    data["steps"] = std::move(list);
}

std::string days_in_words(const std::vector<EventDay>& days, Language language) {
    std::string text;
    std::optional<std::chrono::year> year;
    for (const auto& one : days) {
        const auto day = calendar_day(one.date);
        if (!day) {
            continue;
        }
        const auto weekday = std::chrono::weekday(std::chrono::sys_days(*day)).c_encoding();
        const auto month = static_cast<unsigned>(day->month());
        const auto number = std::to_string(static_cast<unsigned>(day->day()));
        const auto year_text = std::to_string(static_cast<int>(day->year()));
        if (language == Language::ja) {
            text += text.empty() ? "" : "、";
            text += year == day->year() ? "" : year_text + "年";
            text += std::to_string(month) + "月" + number + "日（" + std::string(ja_days[weekday]) + "）";
        } else {
            text += text.empty()
                        ? ""
                        : (year == day->year() ? ", " : " " + std::to_string(static_cast<int>(*year)) + ", ");
            text += std::string(en_days[weekday]) + " " + number + " " + std::string(en_months[month - 1]);
        }
        year = day->year();
    }
    if (language == Language::en && year) {
        text += " " + std::to_string(static_cast<int>(*year));
    }
    return text;
}

} // namespace mogiri::module
