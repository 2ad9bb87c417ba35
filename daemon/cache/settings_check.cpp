// Whether Redis holds an event's settings as the ledger does.
#include "settings_check.hpp"

#include <ready_mark.hpp>
#include <redis_keys.hpp>

#include <chrono>
#include <thread>

#include "../ledger/settings_document.hpp"
#include "rebuild.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr int most_looks = 60;
constexpr auto rest = 50ms; // between two looks

std::optional<std::string> look(Redis& redis, Database& database, std::uint32_t event) {
    const auto document = settings_document(database, event);
    if (!document)
        return std::nullopt;
    redis.queue({"GET", redis_keys::settings(event)});
    redis.queue({"GET", redis_keys::ready(event)});
    redis.queue({"GET", redis_keys::events});
    const std::vector<Reply> replies = redis.flush();
    if (replies[0].is_nil())
        return "missing";
    if (replies[0].text() != document->json)
        return "content";
    const auto mark = decode_ready_mark(replies[1].text());
    if (mark && mark->settings != document->version)
        return "mark";
    if (replies[2].text() != events_document(database))
        return "list";
    return std::nullopt;
}

} // namespace

std::optional<SettingsDifference> settings_difference(Redis& redis, Database& database, std::uint32_t event,
                                                      bool repair) {
    std::optional<std::string> seen = look(redis, database, event);
    for (int looks = 0; seen && looks < most_looks; ++looks) {
        const bool waits =
            !database
                 .query("SELECT FROM cache_outbox WHERE event = $1 AND kind = 'settings' LIMIT 1", {event})
                 .empty();
        std::this_thread::sleep_for(rest);
        const std::optional<std::string> again = look(redis, database, event);
        if (again == seen && !waits)
            break;
        seen = again;
    }
    if (!seen)
        return std::nullopt;
    SettingsDifference difference{*seen};
    if (repair) {
        std::uint64_t version = 0;
        const Reply known = redis.command({"GET", redis_keys::settings(event)});
        try {
            version = EventSettings::parse(known.text()).version;
        } catch (const std::exception&) {
            redis.command({"FCALL", "mogiri_mend", "2", redis_keys::ready(event), redis_keys::settings(event),
                           redis.run_id(), known.text(), ""});
        }
        database.query("UPDATE event SET version = greatest(version, $2) + 1 WHERE number = $1",
                       {event, version});
        publish_settings(redis, database, event);
        difference.mended = !look(redis, database, event);
    }
    return difference;
}

} // namespace mogiri::daemon
