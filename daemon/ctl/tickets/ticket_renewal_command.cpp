// `mogirictl ticket reissue|rename|issue`: new codes for applicants who have tickets.
#include "ctl/tickets/ticket_renewal_command.hpp"

#include <iostream>

#include <plain_text.hpp>

#include "cache/door_hold.hpp"
#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/tickets/named_tickets.hpp"
#include "ledger/event_ledger.hpp"
#include "ledger/ticket_renewal.hpp"

namespace mogiri::daemon {

namespace {

void require_names(const std::vector<std::string>& guests) {
    for (const std::string& guest : guests)
        if (!is_valid_utf8(guest) || has_control_character(guest) || is_invisible(guest))
            throw CommandFailure(ExitStatus::usage,
                                 "a guest's name is empty or holds what cannot be printed");
}

void tell(Database& database, const Renewal& renewal, bool json) {
    TicketLedger ledger(database);
    const bool known = await([&] { return ledger.unconfirmed(renewal.rows) == 0; });
    Json list(json_array());
    for (const NewTicket& ticket : renewal.tickets) {
        json_array_append_new(list.get(),
                              json_pack("{s:i, s:I, s:s, s:b}", "event", static_cast<int>(ticket.event),
                                        "serial", static_cast<json_int_t>(ticket.serial), "reference",
                                        ticket.reference.c_str(), "published", known));
        if (!json)
            std::cout << "ticket " << ticket.reference << " (serial " << ticket.serial
                      << ") is issued; its mail is on its way\n";
    }
    if (json)
        print(list);
    require_published(known);
}

} // namespace

void reissue_tickets(const Configuration& configuration, const Reissue& wish) {
    if (wish.guest)
        require_names({*wish.guest});
    const std::uint8_t key = signing_key(configuration);
    Database database = open_ledger(configuration);
    const std::vector<TicketRow> tickets = tickets_named(database, wish.tickets, wish.event);
    // Held meanwhile, so that nobody is let in with a code whose use is counted already.
    Redis redis(configuration.redis);
    DoorHold door(database, redis);
    std::map<std::uint32_t, std::vector<std::uint64_t>> held;
    for (const TicketRow& ticket : tickets)
        held[ticket.event].push_back(static_cast<std::uint64_t>(ticket.serial));
    try {
        for (const auto& [number, serials] : held)
            door.take(number, serials);
        DoorUses uses;
        for (const TicketRow& ticket : tickets)
            uses[{ticket.event, ticket.serial}] =
                door.use_of(ticket.event, static_cast<std::uint64_t>(ticket.serial));
        GuestNames guests;
        for (const TicketRow& ticket : tickets)
            if (wish.guest)
                guests[ticket.serial] = *wish.guest;
        tell(database, TicketRenewal(database, key).reissue(tickets, uses, wish.reason, guests), wish.json);
    } catch (const LedgerRefusal&) {
        for (const auto& [number, serials] : held)
            door.give_up(number, serials);
        throw;
    }
}

void issue_tickets(const Configuration& configuration, const ExtraTickets& wish) {
    require_names(wish.guests);
    const std::uint8_t key = signing_key(configuration);
    Database database = open_ledger(configuration);
    tell(database, TicketRenewal(database, key).issue(wish.application, wish.guests, wish.reason), wish.json);
}

} // namespace mogiri::daemon
