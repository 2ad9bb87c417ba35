// `mogirictl cache …`: whether Redis holds what the ledger says, mending it, and building it anew.
#include "ctl/system/cache_command.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <thread>

#include "cache/cache_check.hpp"
#include "cache/rebuild_lock.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/event_ledger.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

std::string words_of(const CacheDifference& difference) {
    const std::string number = std::to_string(difference.number);
    if (difference.part == "ready")
        return "not built in Redis: mogirid builds it, or says in its log what keeps it from that";
    std::string words = difference.part == "ticket"     ? "ticket " + number
                        : difference.part == "old_code" ? "old code of ticket " + number
                        : difference.part == "totals"   ? "totals of day " + number
                                                        : difference.part;
    return words + ": " + difference.what;
}

Json report_json(const EventRow& event, const CacheReport& report) {
    Json list(json_array());
    for (const CacheDifference& difference : report.named)
        json_array_append_new(list.get(),
                              json_pack("{s:s, s:I, s:s, s:b}", "part", difference.part.c_str(), "number",
                                        static_cast<json_int_t>(difference.number), "what",
                                        difference.what.c_str(), "mended", difference.mended));
    return Json(json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "event", static_cast<int>(event.number),
                          "slug", event.slug.c_str(), "tickets", static_cast<json_int_t>(report.tickets),
                          "differences", static_cast<json_int_t>(report.differences), "mended",
                          static_cast<json_int_t>(report.mended), "waiting",
                          static_cast<json_int_t>(report.waiting), "unsettled",
                          static_cast<json_int_t>(report.unsettled), "named", list.release()));
}

void print_report(const EventRow& event, const CacheReport& report, bool repair) {
    for (const CacheDifference& difference : report.named)
        std::cout << "event " << event.slug << ", " << words_of(difference)
                  << (difference.mended ? "; mended"
                      : repair          ? "; NOT mended"
                                        : "")
                  << '\n';
    if (report.differences > report.named.size())
        std::cout << "event " << event.slug << ": " << report.differences - report.named.size()
                  << " more (--limit)\n";
    std::cout << "event " << event.slug << ": " << report.tickets << " tickets, " << report.differences
              << " differences";
    if (repair)
        std::cout << ", " << report.mended << " mended";
    if (report.waiting > 0)
        std::cout << ", " << report.waiting << " changes still to be published";
    if (report.unsettled > 0)
        std::cout << ", " << report.unsettled << " tickets changed at every look";
    std::cout << '\n';
}

// On a terminal alone: a line that is written over.
void tell(const std::string& step, bool last = false) {
    if (isatty(STDERR_FILENO) != 0)
        std::fprintf(stderr, "\r\x1b[K%s", last ? "" : step.c_str());
}

std::vector<EventRow> events_named(EventLedger& ledger, const std::string& slug) {
    std::vector<EventRow> events = ledger.events();
    if (slug.empty())
        return events;
    const std::uint32_t number = ledger.number_of(slug);
    std::erase_if(events, [&](const EventRow& event) { return event.number != number; });
    return events;
}

} // namespace

ExitStatus check_cache(const Configuration& configuration, const CacheWish& wish) {
    Database database = open_ledger(configuration);
    database.set_statement_timeout(120s);
    Redis redis(configuration.redis, 30s);
    EventLedger ledger(database);
    CacheCheck check(redis, database, {wish.repair, wish.most_named},
                     [](const std::string& step) { tell(step); });
    Json list(json_array());
    bool remains = false;
    for (const EventRow& event : events_named(ledger, wish.event)) {
        std::optional<RebuildLock> lock;
        if (wish.repair && !lock.emplace(database, event.number).held())
            throw CommandFailure(ExitStatus::wrong,
                                 "event " + event.slug +
                                     " is being rebuilt or mended by somebody else: wait until "
                                     "mogirictl status says ready, then try again");
        const CacheReport report = check.run(event.number);
        tell("", true);
        remains = remains || report.differences > report.mended;
        if (wish.json)
            json_array_append_new(list.get(), report_json(event, report).release());
        else
            print_report(event, report, wish.repair);
    }
    if (wish.json)
        print(Json(json_pack("{s:b, s:O}", "same", !remains, "events", list.get())));
    return remains ? ExitStatus::wrong : ExitStatus::done;
}

void rebuild_cache(const Configuration& configuration, const CacheWish& wish) {
    Database database = open_ledger(configuration);
    CacheLedger cache(database);
    const std::uint32_t event = EventLedger(database).number_of(wish.event);
    const std::uint64_t before = cache.state(event).epoch;
    cache.want_rebuild(event, wish.reason);
    std::string step;
    auto heard = std::chrono::steady_clock::now();
    for (;;) {
        const CacheState state = cache.state(event);
        if (state.epoch > before && state.step.empty())
            break;
        if (state.step != step) {
            step = state.step;
            heard = std::chrono::steady_clock::now();
            tell(step);
        }
        if (std::chrono::steady_clock::now() > heard + 30s)
            throw CommandFailure(
                ExitStatus::unpublished,
                "the rebuild is wanted, but mogirid has told nothing of it for 30 seconds: it will "
                "do it as soon as it and Redis run (mogirictl doctor)");
        std::this_thread::sleep_for(50ms);
    }
    tell("", true);
    const std::uint64_t epoch = cache.state(event).epoch;
    if (wish.json)
        print(Json(json_pack("{s:i, s:s, s:I}", "event", static_cast<int>(event), "slug", wish.event.c_str(),
                             "epoch", static_cast<json_int_t>(epoch))));
    else
        std::cout << "event " << wish.event << " is rebuilt, and ready in epoch " << epoch << '\n';
}

} // namespace mogiri::daemon
