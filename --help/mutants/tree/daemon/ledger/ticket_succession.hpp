// One ticket in the place of another: with a code of its own, and the use that was made of the old one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticket_record.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

struct NewTicket {
    std::uint32_t event = 0;
    std::int64_t serial = 0;
    std::string reference;
};

class TicketSuccession {
  public:
    // `database` outlives this object. `signing_key`: as ApplicationLedger has it.
    TicketSuccession(Database& database, std::uint8_t signing_key)
        : database_(database), signing_key_(signing_key) {}

    // A serial that no ticket has yet, and its reference.
    NewTicket next(std::uint32_t event);

    // In a transaction that has the old ticket locked: it is revoked for that reason, and `next` has its
    // place and its use. `guest`: none: the same. `door`: the use that Redis knows (DoorHold::use_of); the
    // ledger may lag behind.
    void replace(std::int64_t old, const NewTicket& next, std::string_view change, std::string_view reason,
                 const std::optional<std::string>& guest, const std::vector<TicketDayUse>& door);

  private:
    Database& database_;
    std::uint8_t signing_key_;
};

} // namespace mogiri::daemon
