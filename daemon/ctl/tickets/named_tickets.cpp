// What commands name by words: an event by its slug, tickets by their references or serials.
#include "ctl/tickets/named_tickets.hpp"

#include "ledger/event_ledger.hpp"

namespace mogiri::daemon {

std::optional<std::uint32_t> event_named(Database& database, const std::string& slug) {
    if (slug.empty())
        return std::nullopt;
    return EventLedger(database).number_of(slug);
}

std::uint32_t event_of(Database& database, const std::string& slug) {
    if (const auto named = event_named(database, slug))
        return *named;
    const Result found = database.query("SELECT number FROM event WHERE is_default");
    return found.empty() ? 1 : static_cast<std::uint32_t>(found[0].number(0));
}

std::vector<TicketRow> tickets_named(Database& database, const std::vector<std::string>& names,
                                     const std::string& event) {
    const auto number = event_named(database, event);
    TicketLedger ledger(database);
    std::vector<TicketRow> tickets;
    for (const std::string& name : names)
        tickets.push_back(ledger.find(name, number));
    return tickets;
}

} // namespace mogiri::daemon
