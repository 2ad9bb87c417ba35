// Tells Redis what changed in the ledger: rows of cache_outbox, at once when notified, by a sweep otherwise.
#include "publisher.hpp"

#include <crash_point.hpp>
#include <ready_mark.hpp>
#include <redis_keys.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "old_codes.hpp"
#include "publish_command.hpp"
#include "rebuild.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr int rows_a_step = 200; // each may name all tickets of a batch of applications

struct DueOfEvent {
    std::set<std::int64_t> rows;
    std::vector<std::uint64_t> serials;
    std::vector<std::string> applications;
    bool settings = false;
};

} // namespace

Publisher::Publisher(const Configuration& configuration)
    : redis_(configuration.redis), database_(configuration.database, "mogirid publisher"), cache_(database_),
      records_(database_) {}

void Publisher::publish_until(const std::stop_token& stop, Pulse& pulse) {
    database_.query("LISTEN mogiri_cache");
    while (!stop.stop_requested()) {
        pulse.beat();
        while (publish_due() == rows_a_step && !stop.stop_requested())
            pulse.beat();
        database_.wait_for_notifications(200ms);
    }
}

std::size_t Publisher::publish_due() {
    std::map<std::uint32_t, DueOfEvent> due;
    for (const DueRow& row : cache_.due(rows_a_step)) {
        DueOfEvent& of_event = due[row.event];
        of_event.rows.insert(row.id);
        if (row.serial != 0)
            of_event.serials.push_back(row.serial);
        else if (!row.application.empty())
            of_event.applications.push_back(row.application);
        else
            of_event.settings = true;
    }
    std::size_t confirmed = 0;
    if (!due.empty())
        MOGIRI_CRASH_POINT("publisher.read");
    for (const auto& [event, of_event] : due) {
        if (of_event.settings)
            publish_settings(redis_, database_, event);
        publish_old_codes(redis_, database_, event, of_event.serials);
        bool heard = true;
        for (std::size_t i = 0; i < of_event.serials.size(); i += PublishCommand::most_tickets) {
            const auto first = of_event.serials.begin() + static_cast<std::ptrdiff_t>(i);
            const std::size_t count = std::min(PublishCommand::most_tickets, of_event.serials.size() - i);
            PublishCommand command(event, PublishMode::merge);
            for (const auto& [serial, record] :
                 records_.of(event, {first, first + static_cast<std::ptrdiff_t>(count)}))
                command.add(serial, record);
            heard = PublishCommand::batch_of(redis_.command(command.words(redis_.run_id()))) != 0 && heard;
        }
        publish_answers(event, of_event.applications);
        MOGIRI_CRASH_POINT("publisher.published");
        const auto mark = decode_ready_mark(redis_.command({"GET", redis_keys::ready(event)}).text());
        if (heard && mark && mark->run_id == redis_.run_id()) {
            cache_.confirm({of_event.rows.begin(), of_event.rows.end()}, {{event, mark->batch}});
            MOGIRI_CRASH_POINT("publisher.confirmed");
            confirmed += of_event.rows.size();
        }
    }
    return confirmed;
}

void Publisher::publish_answers(std::uint32_t event, const std::vector<std::string>& applications) {
    if (applications.empty())
        return;
    for (const auto& [body_hash, answer] : cache_.answers(applications))
        redis_.command({"FCALL", "mogiri_answer", "2", redis_keys::jobs(event),
                        redis_keys::application(event, answer.application),
                        std::string(redis_keys::road_group), std::string(answer_life_s), "0-0", body_hash,
                        encode(answer), "", answer.application});
}

} // namespace mogiri::daemon
