// What commands name by words: an event by its slug, tickets by their references or serials.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "database.hpp"
#include "ledger/ticket_ledger.hpp"

namespace mogiri::daemon {

// Nothing for no slug: of all events. Throws LedgerRefusal when there is no such event.
std::optional<std::uint32_t> event_named(Database& database, const std::string& slug);
// The same; the default event's without a slug.
std::uint32_t event_of(Database& database, const std::string& slug);

// All of them, in that order; `event`: a slug, or empty. Throws LedgerRefusal when one of them is not there.
std::vector<TicketRow> tickets_named(Database& database, const std::vector<std::string>& names,
                                     const std::string& event);

} // namespace mogiri::daemon
