// What the door's record of a ticket has otherwise than the ledger, and how it is mended.
#pragma once

#include <string_view>
#include <vector>

#include <ticket_record.hpp>

namespace mogiri::daemon {

// Their names: "status" (a tombstone too many or too few), "kind", "allowance", "test", "version",
// "reference", "name", "use". Of a test ticket the ledger knows no use. The last scans are left out: they
// follow the use.
std::vector<std::string_view> differences(const TicketRecord& ledger, const TicketRecord& door);

// The ledger's record, with the door's use of each day that the door knows more admissions of: nobody is
// un-admitted.
TicketRecord mended(const TicketRecord& ledger, const TicketRecord& door);

} // namespace mogiri::daemon
