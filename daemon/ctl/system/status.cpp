// `mogirictl status`: what is under way and what waits, gathered from Redis and the ledger.
#include "ctl/system/status.hpp"

#include <cstdio>

#include "cache/live_totals.hpp"
#include "contract/event_settings.hpp"
#include "contract/ready_mark.hpp"
#include "contract/redis_keys.hpp"
#include "ctl/publication.hpp"
#include "ledger/cache_ledger.hpp"
#include "ledger/event_ledger.hpp"
#include "redis_memory.hpp"

namespace mogiri::daemon {

namespace {

void set(json_t* object, const char* name, std::int64_t value) {
    json_object_set_new(object, name, json_integer(value));
}
void set(json_t* object, const char* name, bool value) {
    json_object_set_new(object, name, json_boolean(value));
}
void set(json_t* object, const char* name, const std::string& value) {
    json_object_set_new(object, name, json_string(value.c_str()));
}
void set(json_t* object, const char* name, Json value) {
    json_object_set_new(object, name, value.release());
}

// How many entries a stream has, and how long its first one has been there by Redis's clock.
Json stream(Redis& redis, const std::string& key, std::int64_t now_ms) {
    Json about(json_object());
    set(about.get(), "length", redis.command({"XLEN", key}).integer());
    const Reply oldest = redis.command({"XRANGE", key, "-", "+", "COUNT", "1"});
    const std::int64_t age = oldest.size() ? now_ms - std::stoll(oldest[0][0].string()) : 0;
    set(about.get(), "oldest_ms", age);
    return about;
}

Json totals(Redis& redis, std::uint32_t event) {
    Json days(json_array());
    const Reply settings = redis.command({"GET", redis_keys::settings(event)});
    if (settings.is_nil())
        return days;
    for (const EventDay& day : EventSettings::parse(settings.text()).days) {
        const DayTotals totals = live_totals(redis, event, day.number);
        json_array_append_new(days.get(),
                              json_pack("{s:i, s:I, s:I, s:I}", "day", static_cast<int>(day.number),
                                        "entered", static_cast<json_int_t>(totals.entered), "exited",
                                        static_cast<json_int_t>(totals.exited), "inside",
                                        static_cast<json_int_t>(totals.inside)));
    }
    return days;
}

Json event_in_redis(Redis& redis, const EventRow& row, std::int64_t now_ms) {
    Json about(json_object());
    const auto mark = decode_ready_mark(redis.command({"GET", redis_keys::ready(row.number)}).text());
    set(about.get(), "ready", mark.has_value());
    if (mark) {
        set(about.get(), "epoch", static_cast<std::int64_t>(mark->epoch));
        set(about.get(), "settings", static_cast<std::int64_t>(mark->settings));
    }
    set(about.get(), "jobs", stream(redis, redis_keys::jobs(row.number), now_ms));
    set(about.get(), "calls", stream(redis, redis_keys::calls(row.number), now_ms));
    set(about.get(), "logins", stream(redis, redis_keys::logins(row.number), now_ms));
    set(about.get(), "mail", stream(redis, redis_keys::mail(row.number), now_ms));
    set(about.get(), "scans", stream(redis, redis_keys::scans(row.number), now_ms));
    set(about.get(), "days", totals(redis, row.number));
    return about;
}

Json ledger_counts(const LedgerCounts& counts) {
    Json about(json_object());
    const std::pair<const char*, std::int64_t> numbers[] = {
        {"applications", counts.applications},
        {"refusals", counts.refusals},
        {"unconfirmed", counts.unconfirmed},
        {"awaiting_approval", counts.awaiting_approval},
        {"waiting", counts.waiting},
        {"tickets", counts.tickets},
        {"admissions", counts.admissions},
        {"scans", counts.scans},
        {"conflicts", counts.conflicts},
        {"devices", counts.devices},
        {"accounts", counts.accounts},
        {"dead_letters", counts.dead_letters},
        {"alerts", counts.alerts},
        {"unpublished", counts.cache_waiting},
        {"oldest_unpublished_s", counts.oldest_cache_s},
    };
    for (const auto& [name, number] : numbers)
        set(about.get(), name, number);
    return about;
}

Json mail_counts(const LedgerCounts& counts) {
    Json about(json_object());
    const std::pair<const char*, std::int64_t> numbers[] = {
        {"pending", counts.mail_pending},
        {"sending", counts.mail_sending},
        {"sent", counts.mail_sent},
        {"retry", counts.mail_retry},
        {"unknown", counts.mail_unknown},
        {"failed", counts.mail_failed},
        {"suppressed", counts.mail_suppressed},
        {"oldest_due_s", counts.oldest_mail_s},
    };
    for (const auto& [name, number] : numbers)
        set(about.get(), name, number);
    return about;
}

Json alert_list(const std::vector<OpenAlert>& alerts) {
    Json list(json_array());
    for (const OpenAlert& alert : alerts)
        json_array_append_new(list.get(),
                              json_pack("{s:s, s:s, s:s, s:s}", "kind", alert.kind.c_str(), "subject",
                                        alert.subject.c_str(), "text", alert.text.c_str(), "raised_at",
                                        alert.raised_at.c_str()));
    return list;
}

std::int64_t clock_of(Redis& redis) {
    const Reply time = redis.command({"TIME"});
    return std::stoll(time[0].string()) * 1000 + std::stoll(time[1].string()) / 1000;
}

} // namespace

Json gather_status(const Configuration& configuration) {
    Json status(json_object()), events(json_array()), redis_part(json_object()), ledger_part(json_object());
    std::vector<EventRow> rows;
    std::vector<std::string> rebuilds; // how far they are, by row
    try {
        Database database = open_ledger(configuration);
        EventLedger ledger(database);
        rows = ledger.events();
        for (const EventRow& row : rows)
            rebuilds.push_back(CacheLedger(database).state(row.number).step);
        const LedgerCounts counts = ledger.counts();
        ledger_part = ledger_counts(counts);
        set(status.get(), "mail", mail_counts(counts));
        set(status.get(), "alerts", alert_list(ledger.alerts()));
    } catch (const std::exception& failure) {
        set(ledger_part.get(), "error", std::string(failure.what()));
    }

    bool ready = !rows.empty();
    for (const EventRow& row : rows)
        json_array_append_new(events.get(),
                              json_pack("{s:i, s:s, s:I, s:b}", "event", static_cast<int>(row.number), "slug",
                                        row.slug.c_str(), "version", static_cast<json_int_t>(row.version),
                                        "default", row.is_default));
    for (std::size_t i = 0; i < rebuilds.size(); ++i)
        if (!rebuilds[i].empty())
            set(json_array_get(events.get(), i), "rebuilding", rebuilds[i]);
    try {
        Redis redis(configuration.redis);
        const std::int64_t now_ms = clock_of(redis);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const Json about = event_in_redis(redis, rows[i], now_ms);
            ready = ready && json_is_true(json_object_get(about.get(), "ready"));
            json_object_update(json_array_get(events.get(), i), about.get());
        }
        const RedisMemory memory = memory_of(redis);
        set(redis_part.get(), "used_memory", memory.used);
        set(redis_part.get(), "maxmemory", memory.most);
        set(redis_part.get(), "used_percent", std::int64_t{memory.percent()});
    } catch (const std::exception& failure) {
        ready = false;
        set(redis_part.get(), "error", std::string(failure.what()));
    }
    set(status.get(), "ready", ready);
    set(status.get(), "redis", std::move(redis_part));
    set(status.get(), "ledger", std::move(ledger_part));
    set(status.get(), "events", std::move(events));
    return status;
}

bool complete(const Json& status) {
    for (const char* part : {"redis", "ledger"})
        if (json_object_get(json_object_get(status.get(), part), "error"))
            return false;
    return true;
}

} // namespace mogiri::daemon
