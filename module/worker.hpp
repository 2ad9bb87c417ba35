// Everything that a worker process keeps between requests; made after the fork, gone before the process is.
#pragma once

#include <memory>

#include "answers.hpp"
#include "daemon/contract/ticket_code.hpp"
#include "directives.hpp"
#include "door.hpp"
#include "redis_link.hpp"
#include "settings_cache.hpp"

namespace mogiri::module {

class Worker {
  public:
    Worker(const MainConf& conf, ngx_log_t* log);
    ~Worker();

    Zone& zone() { return conf.zone; }

    const MainConf& conf;
    RedisLink redis;
    SettingsCache settings;
    Answers answers;
    TicketCodes codes;
    Door door;
};

// Precondition: in a worker process, between init_process and exit_process: that is, in every handler and
// callback.
Worker& worker();

// For init_process and exit_process.
void start_worker(const MainConf& conf, ngx_log_t* log);
void stop_worker();

} // namespace mogiri::module
