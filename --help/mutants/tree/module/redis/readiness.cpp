// Judges the ready mark as Redis's functions do.
#include "redis/readiness.hpp"

#include <utility>

#include "daemon/contract/ready_mark.hpp"
#include "daemon/contract/redis_keys.hpp"

namespace mogiri::module {

namespace {

constexpr ngx_msec_t watch_interval = 1000;

} // namespace

Readiness::Readiness(RedisLink& link, const SettingsCache& settings, Zone& zone, ngx_log_t* log)
    : link_(link), settings_(settings), zone_(zone), log_(log),
      watch_(log, Timer::Exit::ignores_it, [this] { watch(); }) {
    watch_.start(watch_interval);
}

bool Readiness::ask(std::uint32_t event, std::function<void(bool ready)> done) {
    const std::string key = redis_keys::ready(event);
    return link_.call(
        {"FCALL", "mogiri_status", "1", key}, [this, event, done = std::move(done)](RedisReply reply) {
            const auto mark = decode_ready_mark(reply.text());
            const std::uint64_t last_batch = zone_.last_batch(event);
            // The same process of Redis, or another one that has lost nothing.
            const bool ready =
                mark && (mark->run_id == link_.run_id() || (last_batch != 0 && mark->batch >= last_batch));
            note(event, ready);
            done(ready);
        });
}

void Readiness::watch() {
    watch_.start(watch_interval);
    if (const SettingsPtr settings = settings_.default_event()) {
        ask(settings->number, [](bool) {});
    }
}

void Readiness::note(std::uint32_t event, bool ready) {
    if (zone_.saw_ready(ready)) {
        const ngx_uint_t level = ready ? NGX_LOG_NOTICE : NGX_LOG_WARN;
        ngx_log_error(level, log_, 0, "mogiri: event %uD is %s", event,
                      ready ? "ready" : "not ready: mogirid has not built its cache");
    }
}

} // namespace mogiri::module
