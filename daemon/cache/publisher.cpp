// Tells Redis what changed in the ledger: rows of cache_outbox, at once when notified, by a sweep otherwise.
#include "publisher.hpp"

#include <crash_point.hpp>
#include <ready_mark.hpp>
#include <redis_keys.hpp>

#include <map>

#include "publish_command.hpp"
#include "rebuild.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr int rows_a_step = 1000;

struct DueOfEvent {
    std::vector<std::int64_t> rows;
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
        of_event.rows.push_back(row.id);
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
        bool heard = true;
        const auto tickets = records_.of(event, of_event.serials);
        for (std::size_t i = 0; i < tickets.size();) {
            PublishCommand command(event, PublishMode::merge);
            for (; i < tickets.size() && !command.full(); ++i)
                command.add(tickets[i].serial, tickets[i].record);
            heard = PublishCommand::batch_of(redis_.command(command.words(redis_.run_id()))) != 0 && heard;
        }
        publish_answers(event, of_event.applications);
        MOGIRI_CRASH_POINT("publisher.published");
        const auto mark = decode_ready_mark(redis_.command({"GET", redis_keys::ready(event)}).text());
        if (heard && mark && mark->run_id == redis_.run_id()) {
            cache_.confirm(of_event.rows, {{event, mark->batch}});
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
