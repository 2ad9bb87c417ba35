// What Redis and the ledger held of some tickets and totals at one moment.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../database.hpp"
#include "../ledger/day_totals.hpp"
#include "../ledger/ticket_records.hpp"
#include "../redis.hpp"
#include "../scans/scan_drain.hpp"

namespace mogiri::daemon {

struct TicketSight {
    std::optional<std::string> ledger, door; // records, encoded
    bool operator==(const TicketSight&) const = default;
};

struct CacheMoment {
    std::map<std::uint64_t, TicketSight> tickets;
    std::vector<std::uint64_t> moving; // serials that the log or cache_outbox still tells of, in order
    std::map<std::uint8_t, DayTotals> wanted_totals;
    std::map<std::uint8_t, std::optional<std::string>> door_totals;
    bool totals_known = false;
};

class BothSides {
  public:
    // Both outlive this object.
    BothSides(Redis& redis, Database& database)
        : redis_(redis), database_(database), records_(database), drain_(redis, database) {}

    // All that is in the log now is in the ledger then. Throws RefusedCommand after 30 s.
    void catch_up(std::uint32_t event);
    CacheMoment look(std::uint32_t event, const std::vector<std::uint64_t>& serials,
                     const std::vector<std::uint8_t>& days);

  private:
    void add_undrained(std::uint32_t event, CacheMoment& moment, ReplyView entry);

    Redis& redis_;
    Database& database_;
    TicketRecords records_;
    ScanDrain drain_;
};

} // namespace mogiri::daemon
