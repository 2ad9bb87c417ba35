// How much waits in Redis for the daemon, and for how long: looked at every second, for /metrics.
//
// Owner: the Worker. The workers take turns: who finds the figures fresh does not ask.
#pragma once

#include <cstdint>

#include "redis/link.hpp"
#include "redis/settings_cache.hpp"
#include "zone.hpp"

namespace mogiri::module {

class QueueWatch {
  public:
    QueueWatch(RedisLink& link, const SettingsCache& settings, Zone& zone, ngx_log_t* log);

  private:
    void watch();
    void ask(std::uint32_t event);

    RedisLink& link_;
    const SettingsCache& settings_;
    Zone& zone_;
    Timer timer_;
};

} // namespace mogiri::module
