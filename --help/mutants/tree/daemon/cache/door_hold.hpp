// Tickets held at the door while they are being replaced: nobody is let in with them meanwhile, so the use
// that was made of them is known.
#pragma once

#include <cstdint>
#include <vector>

#include <ticket_record.hpp>

#include "../database.hpp"
#include "../ledger/ticket_records.hpp"
#include "../redis.hpp"

namespace mogiri::daemon {

class DoorHold {
  public:
    // Both outlive this object.
    DoorHold(Database& database, Redis& redis) : database_(database), redis_(redis), records_(database) {}

    // Outside of transactions. Those that are valid are refused as revoked from now on, until somebody
    // publishes what became of them; when nobody has in 15 seconds, since whoever held them died, they are
    // good again.
    void take(std::uint32_t event, const std::vector<std::uint64_t>& serials);
    // Nothing came of it: they are good again at once.
    void give_up(std::uint32_t event, const std::vector<std::uint64_t>& serials);
    // The use that Redis knows of, drained or not; of a held ticket it does not grow.
    std::vector<TicketDayUse> use_of(std::uint32_t event, std::uint64_t serial);

  private:
    Database& database_;
    Redis& redis_;
    TicketRecords records_;
};

} // namespace mogiri::daemon
