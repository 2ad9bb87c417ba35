// Whether Redis would let an event's door open: its ready mark, looked at every second and for /readyz.
//
// Owner: the Worker.
#pragma once

#include <cstdint>
#include <functional>

#include "redis/link.hpp"
#include "redis/settings_cache.hpp"
#include "zone.hpp"

namespace mogiri::module {

class Readiness {
  public:
    Readiness(RedisLink& link, const SettingsCache& settings, Zone& zone, ngx_log_t* log);

    // False, with `done` dropped, when Redis is away.
    bool ask(std::uint32_t event, std::function<void(bool ready)> done);

  private:
    void watch();
    void note(std::uint32_t event, bool ready);

    RedisLink& link_;
    const SettingsCache& settings_;
    Zone& zone_;
    ngx_log_t* log_;
    Timer watch_;
};

} // namespace mogiri::module
