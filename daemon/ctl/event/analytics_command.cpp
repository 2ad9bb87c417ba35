// `mogirictl analytics`: statistics of an event, as JSON or for people to read.
#include "ctl/event/analytics_command.hpp"

#include <cstdio>

#include "cache/live_totals.hpp"
#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/event_ledger.hpp"
#include "redis.hpp"

namespace mogiri::daemon {

namespace {

// Of a number, a text, or what is not there.
std::string shown(const json_t* object, const char* name) {
    const json_t* value = json_object_get(object, name);
    if (json_is_string(value))
        return std::string(text_of(value));
    return value && !json_is_null(value) ? json_text(value) : "-";
}

std::string duration(const json_t* object) {
    const json_t* value = json_object_get(object, "mean_stay_s");
    if (!json_is_number(value))
        return "-";
    const long long minutes = static_cast<long long>(json_number_value(value)) / 60;
    char text[32];
    std::snprintf(text, sizeof text, "%lld h %02lld min", minutes / 60, minutes % 60);
    return text;
}

void print_tickets(const json_t* about) {
    if (const json_t* tickets = json_object_get(about, "tickets"))
        std::printf(", tickets %s, used %s, unused %s, used on all days %s", shown(tickets, "total").c_str(),
                    shown(tickets, "used").c_str(), shown(tickets, "unused").c_str(),
                    shown(tickets, "used_on_all_days").c_str());
}

void print_day(const json_t* day) {
    std::printf("\nDay %s, %s: entries %s, exits %s, mean stay %s, mean exit %s, busiest hour %s",
                shown(day, "day").c_str(), shown(day, "date").c_str(), shown(day, "entries").c_str(),
                shown(day, "exits").c_str(), duration(day).c_str(), shown(day, "mean_exit").c_str(),
                shown(day, "busiest_hour").c_str());
    if (json_object_get(day, "used"))
        std::printf(", tickets used %s, fully used %s", shown(day, "used").c_str(),
                    shown(day, "fully_used").c_str());
    std::printf("\n");
    std::size_t index;
    json_t* hour;
    json_array_foreach(json_object_get(day, "hours"), index, hour)
        std::printf("  %s  entries %8s  %5s %%   exits %8s  %5s %%\n", shown(hour, "hour").c_str(),
                    shown(hour, "entries").c_str(), shown(hour, "entries_percent").c_str(),
                    shown(hour, "exits").c_str(), shown(hour, "exits_percent").c_str());
}

void print_live(const json_t* live) {
    if (!live)
        std::printf("\nAt the door now: not known, Redis is out of reach\n");
    std::size_t index;
    json_t* day;
    json_array_foreach(live, index, day)
        std::printf("%sday %s: inside %s, entered %s, left %s\n", index == 0 ? "\nAt the door now\n  " : "  ",
                    shown(day, "day").c_str(), shown(day, "inside").c_str(), shown(day, "entered").c_str(),
                    shown(day, "left").c_str());
}

void print_all(const json_t* all) {
    std::printf("%s: entries %s (%s a day), exits %s, mean stay %s", shown(all, "event").c_str(),
                shown(all, "entries").c_str(), shown(all, "entries_per_day").c_str(),
                shown(all, "exits").c_str(), duration(all).c_str());
    print_tickets(all);
    std::printf("\n");
    std::size_t index;
    json_t* item;
    json_array_foreach(json_object_get(all, "days"), index, item) print_day(item);
    const std::string by = shown(all, "by");
    if (const json_t* groups = json_object_get(all, "groups"))
        std::printf("\nBy %s%s\n", by.c_str(), json_array_size(groups) == 0 ? ": nothing" : "");
    json_array_foreach(json_object_get(all, "groups"), index, item) {
        const std::string name = shown(item, by.c_str());
        std::printf("  %-12s entries %s, exits %s, mean stay %s", name.empty() ? "(none)" : name.c_str(),
                    shown(item, "entries").c_str(), shown(item, "exits").c_str(), duration(item).c_str());
        print_tickets(item);
        std::printf("\n");
    }
    print_live(json_object_get(all, "live"));
}

} // namespace

void show_analytics(const Configuration& configuration, const AnalyticsQuestion& question) {
    Database database = open_ledger(configuration);
    const StoredEvent stored = EventLedger(database).stored(question.event);
    EventSettings event = EventSettings::from_json(stored.definition.get());
    event.number = stored.number;
    if (const auto fault = fault_of(question.wish, event))
        throw CommandFailure(ExitStatus::usage, "--" + fault->field + " " + fault->remedy);
    const Json all = parse_json(analytics(database, stored.number, question.wish));
    try {
        Redis redis(configuration.redis);
        json_object_set_new(all.get(), "live", live_figures(redis, event).release());
    } catch (const LostRedis&) {
        // Statistics come from the ledger: they are told without it.
    }
    if (question.json)
        print(all);
    else
        print_all(all.get());
}

} // namespace mogiri::daemon
