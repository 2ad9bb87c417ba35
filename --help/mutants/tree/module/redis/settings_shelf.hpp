// The events' settings as Redis last told them, on a shelf that all workers reach: a worker that starts while
// Redis is away knows gates, devices and days, and answers as the others do.
//
// Owner: the Worker; what lies there is nginx's shared memory and outlives every worker, and a reload. In a
// zone that is too small the shelf stays without what has no place, and says so once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "zone.hpp"

namespace mogiri::module {

class SettingsShelf {
  public:
    SettingsShelf(Zone& zone, ngx_log_t* log) : zone_(zone), log_(log) {}

    // An older version never takes a newer one's place.
    void put(std::uint32_t event, std::uint64_t version, std::string_view text);
    void take_off(std::uint32_t event);
    // Whether what lies here is all that there is: said by who has fetched everything.
    void say_complete() { zone_.memory().shelf_is_complete = !zone_.memory().shelf_is_full; }

    struct Found {
        std::vector<std::pair<std::uint32_t, std::string>> texts; // by event
        bool complete = false;
    };
    Found read() const;

  private:
    Zone& zone_;
    ngx_log_t* log_;
};

} // namespace mogiri::module
