// The loop that every thread of the daemon lives in: work until told to stop, and outlast lost servers.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "pulse.hpp"

namespace mogiri::daemon {

// Calls `life` until the stop is requested. Life connects, works and returns at the stop; when it throws (a
// server is away, or refuses) that is logged once, and life begins again after a growing pause: an outage
// buries nothing.
void live(const std::stop_token& stop, const std::string& name, Pulse& pulse,
          const std::function<void()>& life);

} // namespace mogiri::daemon
