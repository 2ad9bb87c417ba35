// Admissions given back: a ticket that was scanned by mistake may enter again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"
#include "../redis.hpp"
#include "ticket_ledger.hpp"

namespace mogiri::daemon {

struct RestoredDay {
    TicketRow ticket;
    int day = 0;
    int uses = 0; // that count still
};

struct Restoration {
    std::vector<RestoredDay> days;
    std::vector<std::int64_t> rows; // of cache_outbox, that Redis has not confirmed yet
};

class TicketRestoration {
  public:
    // Both outlive this object. Redis is asked for scans that are not in the ledger yet; null: out of reach.
    TicketRestoration(Database& database, Redis* redis) : database_(database), redis_(redis) {}

    // All of them or none: of each ticket one admission of `day`, or of its last day with one. Throws
    // LedgerRefusal for a revoked ticket, and for one without a use that could be given back.
    Restoration give_back(const std::vector<TicketRow>& tickets, std::optional<int> day,
                          std::string_view reason);

  private:
    RestoredDay day_to_give_back(const TicketRow& ticket, std::optional<int> day);

    Database& database_;
    Redis* redis_;
};

} // namespace mogiri::daemon
