// Which places of events are taken, and for which somebody waits.
#include "places.hpp"

#include <algorithm>
#include <vector>

namespace mogiri::daemon {

// One statement, so that an application which is approved meanwhile is counted once: held, or sold.
TakenPlaces taken_places(Database& database, const EventsAsked& events) {
    std::vector<std::uint32_t> numbers;
    for (const auto& [number, settings] : events)
        numbers.push_back(number);
    TakenPlaces taken;
    for (Row row :
         database.query("SELECT event, kind, NULL, sold FROM kind_sales WHERE event = ANY ($1::integer[]) "
                        "UNION ALL "
                        "SELECT event, NULL, form, sum(tickets) FROM application "
                        "WHERE event = ANY ($1::integer[]) AND state = 'awaiting_approval' "
                        "GROUP BY event, form",
                        {numbers})) {
        const auto event = static_cast<std::uint32_t>(row.number(0));
        const EventSettings& settings = *events.at(event);
        if (!row.is_null(1))
            taken[{event, row.string(1)}] += row.number(3);
        else if (const Form* form = settings.form(row.text(2)))
            taken[{event, settings.kinds.at(form->kind).id}] += row.number(3);
    }
    return taken;
}

std::set<std::pair<std::uint32_t, std::string>> awaited_kinds(Database& database, const EventsAsked& events) {
    std::vector<std::uint32_t> numbers;
    std::vector<std::string> forms;
    for (const auto& [number, settings] : events)
        if (std::ranges::any_of(settings->forms, &Form::waiting_list))
            for (const Form& form : settings->forms) {
                numbers.push_back(number);
                forms.push_back(form.id);
            }
    std::set<std::pair<std::uint32_t, std::string>> kinds;
    if (forms.empty())
        return kinds;
    for (Row row :
         database.query("SELECT event, form FROM unnest($1::integer[], $2::text[]) AS asked (event, form) "
                        "WHERE EXISTS (SELECT FROM application WHERE application.event = asked.event "
                        "              AND application.form = asked.form AND state = 'waiting')",
                        {numbers, forms})) {
        const auto event = static_cast<std::uint32_t>(row.number(0));
        const EventSettings& settings = *events.at(event);
        kinds.emplace(event, settings.kinds.at(settings.form(row.text(1))->kind).id);
    }
    return kinds;
}

} // namespace mogiri::daemon
