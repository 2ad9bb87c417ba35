// What staff begin anew for a whole event: the use that was made of its tickets, and what counts towards
// limits.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

// Both belong into the caller's transaction.
class EventReset {
  public:
    // `database` outlives this object.
    explicit EventReset(Database& database) : database_(database) {}

    // Every admission of every valid ticket is given back, test tickets apart; the tickets. The ledger must
    // have all scans (no entry is left in the event's log).
    std::int64_t give_back(std::uint32_t event, std::string_view reason);
    // Nothing that was applied for until now counts towards anybody's limit; the applications.
    std::int64_t forget_counts(std::uint32_t event);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
