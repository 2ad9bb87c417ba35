// Memory that all workers share: counters for /metrics and the last batch number acknowledged per event.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "ngx.hpp"

namespace mogiri::module {

struct SharedMemory;

// Owner: MainConf. The memory itself is nginx's; it outlives a reload. All members are lock-free.
class Zone {
  public:
    // The last batch number of the event's ready mark that any worker saw acknowledged; 0: none yet.
    std::uint64_t last_batch(std::uint32_t event) const;
    void saw_batch(std::uint32_t event, std::uint64_t batch);

    SharedMemory* memory = nullptr;
};

}  // namespace mogiri::module
