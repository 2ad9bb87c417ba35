// Statistics of an event.
#include "analytics.hpp"

#include <json_owner.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace mogiri::daemon {

namespace {

constexpr std::array splits{"form", "class", "kind", "gate"};

// "2027-06-12", a day that the calendar has.
bool is_date(const std::string& text) {
    unsigned year = 0, month = 0, day = 0;
    int end = 0;
    return text.size() == 10 && std::sscanf(text.c_str(), "%4u-%2u-%2u%n", &year, &month, &day, &end) == 3 &&
           end == 10 && year > 0 &&
           std::chrono::year_month_day(std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                       std::chrono::day(day))
               .ok();
}

} // namespace

std::optional<AnalyticsFault> fault_of(const AnalyticsWish& wish, const EventSettings& event) {
    for (const auto& [field, date] : {std::pair("from", wish.from), std::pair("to", wish.to)})
        if (!date.empty() && !is_date(date))
            return AnalyticsFault{field, "must be a date such as 2027-06-12"};
    if (!wish.by.empty() && std::ranges::find(splits, wish.by) == splits.end())
        return AnalyticsFault{"by", "must be form, class, kind or gate"};
    if (!wish.form.empty() && !event.form(wish.form))
        return AnalyticsFault{"form", "is no form of the event"};
    if (!wish.kind.empty() && std::ranges::find(event.kinds, wish.kind, &TicketKind::id) == event.kinds.end())
        return AnalyticsFault{"kind", "is no kind of ticket of the event"};
    if (!wish.gate.empty() && !event.gate(wish.gate))
        return AnalyticsFault{"gate", "is no gate of the event"};
    return std::nullopt;
}

std::string analytics(Database& database, std::uint32_t event, const AnalyticsWish& wish) {
    const Json wishes(json_object());
    for (const auto& [name, value] :
         {std::pair("from", &wish.from), std::pair("to", &wish.to), std::pair("by", &wish.by),
          std::pair("form", &wish.form), std::pair("class", &wish.class_name), std::pair("kind", &wish.kind),
          std::pair("gate", &wish.gate)})
        if (!value->empty())
            json_object_set_new(wishes.get(), name, json_of(*value));
    return database.query("SELECT analytics($1, $2::jsonb)", {event, json_text(wishes.get())})[0].string(0);
}

} // namespace mogiri::daemon
