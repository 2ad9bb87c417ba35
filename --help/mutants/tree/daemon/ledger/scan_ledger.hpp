// The door's scans in the ledger: each exactly once, with the admissions and day states that follow from
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <checkin.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

// An entry of `{e}:scans`, or a part of one.
struct ScanEntry {
    std::int64_t stream_ms = 0, stream_seq = 0;
    std::string scans;       // field "s"
    std::uint32_t place = 0; // of the first of them in the entry
};

// One by one, so that a scan at fault stands alone; what is too short for a scan is one, too.
std::vector<ScanEntry> scans_of(const ScanEntry& entry);

class ScanLedger {
  public:
    explicit ScanLedger(Database& database) : database_(database) {}

    // For the transaction: one drainer of an event at a time. Returns false when another one is at it and
    // `wait` is false.
    bool lock(std::uint32_t event, bool wait);

    // Inside a transaction. Scans that were stored before change nothing. One that contradicts the ledger, or
    // cannot be read, becomes a row of scan_conflict. Returns how many were new.
    std::int64_t store(std::uint32_t event, std::uint64_t epoch, const std::vector<ScanEntry>& entries);
    // When Redis has lost, or will lose, all that was not drained: admissions that were given back count as such from now
    // on, and those whose own scan is lost were none.
    void settle(std::uint32_t event);
    // As store(), for a scan that made it throw RefusedStatement.
    void set_aside(std::uint32_t event, std::uint64_t epoch, const ScanEntry& entry);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
