// Puts a worker's parts together.
#include "worker.hpp"

#include "daemon/contract/crash_point.hpp"

namespace mogiri::module {

namespace {

std::unique_ptr<Worker> running;

} // namespace

Worker::Worker(const MainConf& main, ngx_log_t* log)
    : conf(main), redis(main.redis, main.zone, log), settings(redis, main.zone, log),
      answers(main.redis, log, [this] { settings.refetch_all(); }), intake(redis, main.zone, log),
      codes(*main.keys), door(redis, settings, main.zone, log), readiness(redis, settings, main.zone, log),
      queues(redis, settings, main.zone, log) {
    redis.when_ready([this] {
        settings.refetch_all();
        answers.wake_all(); // who was woken by the subscription while this link was away could not ask
    });
}

Worker::~Worker() {
    zone().leave();
}

Worker& worker() {
    return *running;
}

void start_worker(const MainConf& conf, ngx_log_t* log) {
    conf.zone.enter();
    MOGIRI_CRASH_POINT("module.worker.starting");
    running = std::make_unique<Worker>(conf, log);
}

void stop_worker() {
    MOGIRI_CRASH_POINT("module.worker.leaving");
    running.reset();
}

} // namespace mogiri::module
