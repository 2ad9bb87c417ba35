// Tells Redis which tickets the codes of the system before stand for: `{e}:o:<digest>` holds a serial.
#pragma once

#include <cstdint>
#include <vector>

#include "../database.hpp"
#include "../redis.hpp"

namespace mogiri::daemon {

// Those of the tickets that have one. Codes change never, so what is there is right. To be called before what
// raises the mark's batch: a Redis that came back without them is then known to have lost time.
void publish_old_codes(Redis& redis, Database& database, std::uint32_t event,
                       const std::vector<std::uint64_t>& serials);

// All of the event: for a rebuild.
void write_old_codes(Redis& redis, Database& database, std::uint32_t event);

} // namespace mogiri::daemon
