// New tickets for applications that have some: in the place of another one, or beside them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"
#include "ticket_ledger.hpp"
#include "ticket_succession.hpp"

namespace mogiri::daemon {

// The use of tickets that Redis knows, by event and serial.
using DoorUses = std::map<std::pair<std::uint32_t, std::int64_t>, std::vector<TicketDayUse>>;

// The names that tickets are to bear, by serial.
using GuestNames = std::map<std::int64_t, std::string>;

struct Renewal {
    std::vector<NewTicket> tickets;
    std::vector<std::int64_t> rows; // of cache_outbox, that Redis has not confirmed yet
};

// Both owe the applicant a new mail with all valid tickets of the application, and throw LedgerRefusal.
class TicketRenewal {
  public:
    // `database` outlives this object. `signing_key`: as ApplicationLedger has it.
    TicketRenewal(Database& database, std::uint8_t signing_key)
        : database_(database), signing_key_(signing_key) {}

    // All of them or none: each is revoked, and another with a new code has its place, its guest and the use
    // that was made of it. `guests`: who has another name. Refused for one that is revoked.
    Renewal reissue(const std::vector<TicketRow>& tickets, const DoorUses& door, std::string_view reason,
                    const GuestNames& guests = {});
    // More tickets for an application that is issued, within what the kind and its days hold; the applicant's
    // limit does not count.
    Renewal issue(std::string_view application, const std::vector<std::string>& guests,
                  std::string_view reason);

  private:
    void owe_mail(const std::vector<std::string>& applications);
    std::vector<std::int64_t> owe_tickets(const std::vector<std::uint32_t>& events,
                                          const std::vector<std::int64_t>& serials);

    Database& database_;
    std::uint8_t signing_key_;
};

} // namespace mogiri::daemon
