// Tickets to try the door with: it judges them as any other and says so, and they count in no figure.
#pragma once

#include <cstdint>
#include <vector>

#include <event_settings.hpp>
#include <master_keys.hpp>

#include "ticket_renewal.hpp"

namespace mogiri::daemon {

class TestTickets {
  public:
    // `database` outlives this object.
    TestTickets(Database& database, std::uint32_t event) : database_(database), event_(event) {}

    // Of a kind's id. Nobody gets a mail, nothing limits them.
    Renewal issue(const MasterKeys& keys, const std::string& form, const std::string& kind,
                  std::int64_t count);

    // Revokes all of the event; returns the rows of cache_outbox that Redis has not confirmed yet.
    std::vector<std::int64_t> revoke();
    // Removes what is revoked from the ledger, once Redis knows. Returns how many tickets.
    std::int64_t remove();

  private:
    Database& database_;
    std::uint32_t event_;
};

} // namespace mogiri::daemon
