// What a restored ledger leaves of Redis: nothing but what nobody has put into a ledger yet.
#pragma once

#include <cstdint>

#include "redis.hpp"

namespace mogiri::daemon {

struct CacheContents {
    std::int64_t keys = 0;            // of mogiri's
    std::int64_t jobs = 0, scans = 0; // entries that no ledger has
    std::uint64_t epoch = 0;          // the highest of its marks
};

CacheContents look_into(Redis& redis);

// Takes all keys away but the streams of applications and scans, and what marks those applications as on
// their way. The doors' marks go first: they are closed from then on.
void clear(Redis& redis);

} // namespace mogiri::daemon
