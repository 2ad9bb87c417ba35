// When each device was last seen at the door: noted in memory with its scans, written once a minute at most.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "../database.hpp"
#include "../ledger/scan_ledger.hpp"

namespace mogiri::daemon {

// One thread's. What was not written when it ends is lost: the next scan tells it again.
class DeviceSightings {
  public:
    using Clock = std::chrono::steady_clock;

    void note(std::uint32_t event, const std::vector<ScanEntry>& entries);
    // Those devices that were not written within the last minute; nothing is asked of the database when there
    // are none.
    void write(Database& database, Clock::time_point now);

  private:
    struct Sighting {
        std::int64_t at_ms = 0, written_ms = 0; // of scans
        Clock::time_point due = {};
    };
    std::map<std::pair<std::uint32_t, std::uint32_t>, Sighting> devices_;
};

} // namespace mogiri::daemon
