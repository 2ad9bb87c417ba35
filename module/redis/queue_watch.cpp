// Asks Redis for the lengths of its queues and the age of their oldest entries.
#include "redis/queue_watch.hpp"

#include <array>
#include <utility>

#include "daemon/contract/redis_keys.hpp"

namespace mogiri::module {

namespace {

constexpr ngx_msec_t interval = 1000;
constexpr std::uint64_t fresh = 900'000; // µs

} // namespace

QueueWatch::QueueWatch(RedisLink& link, const SettingsCache& settings, Zone& zone, ngx_log_t* log)
    : link_(link), settings_(settings), zone_(zone),
      timer_(log, Timer::Exit::ignores_it, [this] { watch(); }) {
    timer_.start(interval);
}

void QueueWatch::watch() {
    timer_.start(interval);
    for (const std::uint32_t event : settings_.numbers()) {
        if (steady_microseconds() > zone_.queues_seen(event) + fresh) {
            ask(event);
        }
    }
}

void QueueWatch::ask(std::uint32_t event) {
    // in the order of Queue
    link_.call({"FCALL", "mogiri_queues", "5", redis_keys::jobs(event), redis_keys::calls(event),
                redis_keys::logins(event), redis_keys::outbox(event), redis_keys::scans(event)},
               [this, event](RedisReply reply) {
                   if (reply.size() != 2 * queue_count) {
                       return;
                   }
                   std::array<std::pair<std::uint64_t, std::uint64_t>, queue_count> figures;
                   for (std::size_t i = 0; i < queue_count; ++i) {
                       figures[i] = {reply[2 * i].integer(), reply[2 * i + 1].integer()};
                   }
                   zone_.saw_queues(event, figures);
               });
}

} // namespace mogiri::module
