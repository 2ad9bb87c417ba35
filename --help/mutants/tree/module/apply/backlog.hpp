// Whether an event's decisions come late just now, as this worker's own calls have told.
#pragma once

#include <cstdint>
#include <map>

#include "ngx.hpp"

namespace mogiri::module {

class Backlog {
  public:
    // Where the oldest job has waited longer than that, nobody waits for the daemon: a burst gets 202 at
    // once.
    static constexpr long long longest_age_ms = 150;

    // `age` of the event's oldest job. Returns whether that is a backlog.
    bool saw(std::uint32_t event, long long age) {
        if (age <= longest_age_ms) {
            return false;
        }
        seen_[event] = ngx_current_msec;
        return true;
    }
    bool is_there(std::uint32_t event) const {
        const auto seen = seen_.find(event);
        return seen != seen_.end() && ngx_current_msec - seen->second < remembered;
    }

  private:
    static constexpr ngx_msec_t remembered = 200;

    std::map<std::uint32_t, ngx_msec_t> seen_;
};

} // namespace mogiri::module
