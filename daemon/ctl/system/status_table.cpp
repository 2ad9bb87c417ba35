// The status as a table for people, from the same JSON that programs get.
#include <cstdio>

#include "ctl/system/status.hpp"

namespace mogiri::daemon {

namespace {

long long number(const json_t* object, const char* name) {
    return static_cast<long long>(json_integer_value(json_object_get(object, name)));
}

const char* text(const json_t* object, const char* name) {
    const char* value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

void print_queue(const json_t* event, const char* name, const char* meaning) {
    const json_t* queue = json_object_get(event, name);
    if (!queue)
        return;
    std::printf("  %-22s %8lld", meaning, number(queue, "length"));
    if (number(queue, "length"))
        std::printf("   oldest %.1f s", static_cast<double>(number(queue, "oldest_ms")) / 1000);
    std::printf("\n");
}

void print_event(const json_t* event) {
    const json_t* ready = json_object_get(event, "ready");
    std::printf("event %lld %s%s, settings version %lld: %s\n", number(event, "event"), text(event, "slug"),
                json_is_true(json_object_get(event, "default")) ? " (default)" : "", number(event, "version"),
                !ready                ? "unknown"
                : json_is_true(ready) ? "ready"
                                      : "NOT READY (the door is closed)");
    if (const char* step = json_string_value(json_object_get(event, "rebuilding")))
        std::printf("  rebuilding: %s\n", step);
    print_queue(event, "jobs", "applications waiting");
    print_queue(event, "calls", "calls waiting");
    print_queue(event, "logins", "logins waiting");
    print_queue(event, "mail", "mails waiting");
    print_queue(event, "scans", "scans not in the ledger");
    std::size_t index;
    const json_t* day;
    json_array_foreach(json_object_get(event, "days"), index, day)
        std::printf("  day %-18lld %8lld in, %lld out, %lld inside\n", number(day, "day"),
                    number(day, "entered"), number(day, "exited"), number(day, "inside"));
}

void print_numbers(const char* title, const json_t* object) {
    std::printf("%s\n", title);
    if (json_object_get(object, "error"))
        std::printf("  out of reach: %s\n", text(object, "error"));
    void* at = json_object_iter(const_cast<json_t*>(object));
    for (; at; at = json_object_iter_next(const_cast<json_t*>(object), at))
        if (json_is_integer(json_object_iter_value(at)))
            std::printf("  %-22s %8lld\n", json_object_iter_key(at),
                        static_cast<long long>(json_integer_value(json_object_iter_value(at))));
}

} // namespace

void print_status_table(const Json& status) {
    std::size_t index;
    const json_t* event;
    json_array_foreach(json_object_get(status.get(), "events"), index, event) print_event(event);
    if (json_array_size(json_object_get(status.get(), "events")) == 0)
        std::printf("no event\n");
    const json_t* alert;
    json_array_foreach(json_object_get(status.get(), "alerts"), index, alert)
        std::printf("alert since %s: %s, %s: %s\n", text(alert, "raised_at"), text(alert, "kind"),
                    text(alert, "subject"), text(alert, "text"));
    print_numbers("ledger", json_object_get(status.get(), "ledger"));
    if (const json_t* mail = json_object_get(status.get(), "mail"))
        print_numbers("mail", mail);
    print_numbers("redis", json_object_get(status.get(), "redis"));
}

} // namespace mogiri::daemon
