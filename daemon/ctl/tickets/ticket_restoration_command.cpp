// `mogirictl ticket restore`: tickets that were scanned by mistake may enter again.
#include "ctl/tickets/ticket_restoration_command.hpp"

#include <iostream>

#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/tickets/named_tickets.hpp"
#include "ledger/ticket_restoration.hpp"

namespace mogiri::daemon {

namespace {

// Without Redis the ledger decides alone: the door is closed then.
std::optional<Redis> open_door(const Configuration& configuration) {
    try {
        return std::optional<Redis>(configuration.redis);
    } catch (const LostRedis&) {
        return std::nullopt;
    }
}

} // namespace

void restore_tickets(const Configuration& configuration, const Restoring& wish) {
    Database database = open_ledger(configuration);
    std::optional<Redis> redis = open_door(configuration);
    const std::vector<TicketRow> tickets = tickets_named(database, wish.tickets, wish.event);
    const Restoration done =
        TicketRestoration(database, redis ? &*redis : nullptr).give_back(tickets, wish.day, wish.reason);
    const bool known = await([&] { return TicketLedger(database).unconfirmed(done.rows) == 0; });
    Json list(json_array());
    for (const RestoredDay& one : done.days) {
        json_array_append_new(list.get(), json_pack("{s:i, s:I, s:s, s:i, s:i, s:b}", "event",
                                                    static_cast<int>(one.ticket.event), "serial",
                                                    static_cast<json_int_t>(one.ticket.serial), "reference",
                                                    one.ticket.reference.c_str(), "day", one.day, "uses",
                                                    one.uses, "published", known));
        if (!wish.json)
            std::cout << "ticket " << one.ticket.reference << " (serial " << one.ticket.serial
                      << "): an admission of day " << one.day << " is given back, " << one.uses
                      << " count still\n";
    }
    if (wish.json)
        print(list);
    require_published(known);
}

} // namespace mogiri::daemon
