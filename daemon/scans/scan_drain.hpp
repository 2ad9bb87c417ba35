// Takes the door's scans from Redis into the ledger, at most 200 ms behind it, one drainer per event at a
// time.
#pragma once

#include <stop_token>

#include "../configuration.hpp"
#include "../database.hpp"
#include "../ledger/cache_ledger.hpp"
#include "../ledger/scan_ledger.hpp"
#include "../pulse.hpp"
#include "../redis.hpp"
#include "device_sightings.hpp"

namespace mogiri::daemon {

// Entries leave Redis only after their transaction was committed, so a crash means at most that they come
// again, and then they change nothing.
class ScanDrain {
  public:
    // Both outlive this object.
    ScanDrain(Redis& redis, Database& database)
        : redis_(redis), database_(database), ledger_(database), cache_(database) {}

    // One step. Returns whether there may be more. Leaves the event alone while another drainer has it.
    bool drain(std::uint32_t event);
    // All there is, waiting for other drainers: for a rebuild.
    void drain_empty(std::uint32_t event);

    // Tells the ledger when the devices of what was drained were last seen, once a minute.
    void note_devices() { sightings_.write(database_, DeviceSightings::Clock::now()); }

    // True when nothing waits. Cheap: no database.
    bool is_empty(std::uint32_t event);

  private:
    bool step(std::uint32_t event, bool wait);
    std::vector<ScanEntry> read(std::uint32_t event, std::uint64_t& epoch, std::uint64_t& batch);
    void store_singly(std::uint32_t event, std::uint64_t epoch, const std::vector<ScanEntry>& entries);
    void remove(std::uint32_t event, const std::vector<ScanEntry>& entries);

    Redis& redis_;
    Database& database_;
    ScanLedger ledger_;
    CacheLedger cache_;
    DeviceSightings sightings_;
};

// The thread's life: drains all events until the stop. Throws LostRedis, LostDatabase, refusals.
void drain_scans(const Configuration& configuration, Pulse& pulse, const std::stop_token& stop);

} // namespace mogiri::daemon
