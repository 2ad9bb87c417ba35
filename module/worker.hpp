// Everything that a worker process keeps between requests; made after the fork, gone before the process is.
#pragma once

#include <memory>

#include "apply/answers.hpp"
#include "apply/backlog.hpp"
#include "apply/intake.hpp"
#include "daemon/contract/ticket_code.hpp"
#include "directives.hpp"
#include "door/device_keys.hpp"
#include "door/door.hpp"
#include "door/screens.hpp"
#include "redis/link.hpp"
#include "redis/queue_watch.hpp"
#include "redis/readiness.hpp"
#include "redis/settings_cache.hpp"

namespace mogiri::module {

class Worker {
  public:
    Worker(const MainConf& conf, ngx_log_t* log);
    ~Worker();

    Zone& zone() { return conf.zone; }
    // In its first second, when Redis may not have had the time to answer yet.
    bool is_fresh() const { return ngx_current_msec - started_ < 1000; }

    const MainConf& conf;
    RedisLink redis;
    SettingsCache settings;
    Answers answers;
    Backlog backlog;
    Intake intake;
    TicketCodes codes;
    DeviceKeys device_keys;
    Door door;
    Screens screens;
    Readiness readiness;
    QueueWatch queues;

  private:
    ngx_msec_t started_ = ngx_current_msec;
};

// Precondition: in a worker process, between init_process and exit_process: that is, in every handler and
// callback.
Worker& worker();

// For init_process and exit_process.
void start_worker(const MainConf& conf, ngx_log_t* log);
void stop_worker();

} // namespace mogiri::module
