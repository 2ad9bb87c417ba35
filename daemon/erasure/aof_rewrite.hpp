// Has Redis write its append-only file anew: what was deleted stands in the old one until then.
#pragma once

#include <stop_token>

#include "../pulse.hpp"
#include "../redis.hpp"

namespace mogiri::daemon {

// Returns true when a rewrite that began after this call has ended well, false when the stop came first.
// Throws RefusedCommand when Redis could not write it.
bool rewrite_aof(Redis& redis, const std::stop_token& stop, Pulse& pulse);

} // namespace mogiri::daemon
