// Tickets of the ledger as the records that the door reads: with their use of each day and their last scans.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../database.hpp"
#include "settings_book.hpp"

namespace mogiri::daemon {

struct LedgerTicket {
    std::uint64_t serial = 0;
    std::string record; // encoded: contract/ticket_record.hpp
};

class TicketRecords {
  public:
    // `database` outlives this object. Keeps a book of settings: kinds are numbered by their place in them.
    explicit TicketRecords(Database& database) : database_(database) {}

    // Those of the serials that exist, for PublishMode::merge: with all admissions that were given back, also
    // those that Redis has not heard of.
    std::vector<LedgerTicket> of(std::uint32_t event, const std::vector<std::uint64_t>& serials);

    // The next tickets in the order of their serials, for PublishMode::replace: as of the last drained scan.
    // Empty at the end.
    std::vector<LedgerTicket> after(std::uint32_t event, std::uint64_t serial, int limit);

    // Those of the serials that exist, as of the last drained scan.
    std::vector<LedgerTicket> drained(std::uint32_t event, const std::vector<std::uint64_t>& serials);

  private:
    struct Choice;
    Result tickets(std::uint32_t event, const std::vector<std::uint64_t>& serials);
    std::vector<LedgerTicket> assemble(std::uint32_t event, const Result& tickets, const Choice& chosen,
                                       bool as_drained);

    Database& database_;
    SettingsBook book_;
};

} // namespace mogiri::daemon
