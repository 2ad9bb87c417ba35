// How full Redis is.
#pragma once

#include <cstdint>
#include <string>

#include "redis.hpp"

namespace mogiri::daemon {

struct RedisMemory {
    std::int64_t used = 0, most = 0; // bytes; most: maxmemory, 0 when there is no limit

    int percent() const { return most > 0 ? static_cast<int>(used * 100 / most) : 0; }
    bool is_half_full() const { return percent() >= 50; }
    // "310 of 512 MB, 60 %"
    std::string text() const;
};

RedisMemory memory_of(Redis& redis);

} // namespace mogiri::daemon
