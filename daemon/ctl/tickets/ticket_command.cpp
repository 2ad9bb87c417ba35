// `mogirictl ticket …`: what tickets there are, and taking them back.
#include "ctl/tickets/ticket_command.hpp"

#include <cstdio>
#include <iostream>

#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/tickets/named_tickets.hpp"
#include "ledger/ticket_ledger.hpp"

namespace mogiri::daemon {

namespace {

Json ticket_json(const TicketRow& ticket, bool personal) {
    Json about(json_pack("{s:i, s:I, s:s, s:s, s:s, s:s, s:I, s:s}", "event", static_cast<int>(ticket.event),
                         "serial", static_cast<json_int_t>(ticket.serial), "reference",
                         ticket.reference.c_str(), "application", ticket.application.c_str(), "kind",
                         ticket.kind.c_str(), "status", ticket.status.c_str(), "version",
                         static_cast<json_int_t>(ticket.version), "issued_at", ticket.issued_at.c_str()));
    if (personal)
        json_object_set_new(about.get(), "guest", json_of(ticket.guest));
    return about;
}

void print_line(const TicketRow& ticket, bool personal) {
    std::printf("%s  %8lld  event %u  %-8s  %-10s  %s  %s%s%s\n", ticket.reference.c_str(),
                static_cast<long long>(ticket.serial), ticket.event, ticket.status.c_str(),
                ticket.kind.c_str(), ticket.application.c_str(), ticket.issued_at.c_str(),
                personal ? "  " : "", personal ? ticket.guest.c_str() : "");
}

} // namespace

void list_tickets(const Configuration& configuration, const TicketFilter& filter) {
    Database database = open_ledger(configuration);
    const auto tickets = TicketLedger(database).list(event_named(database, filter.event), filter.status,
                                                     filter.application, filter.limit);
    Json list(json_array());
    for (const TicketRow& ticket : tickets) {
        if (filter.json)
            json_array_append_new(list.get(), ticket_json(ticket, filter.personal).release());
        else
            print_line(ticket, filter.personal);
    }
    if (filter.json)
        print(list);
    else if (tickets.empty())
        std::cout << "no ticket\n";
}

void show_ticket(const Configuration& configuration, const std::string& name, const TicketFilter& wish) {
    Database database = open_ledger(configuration);
    TicketLedger ledger(database);
    const TicketRow ticket = ledger.find(name, event_named(database, wish.event));
    const Json about = ticket_json(ticket, wish.personal);
    Json changes(json_array());
    if (!wish.json)
        print_line(ticket, wish.personal);
    for (const TicketChange& change : ledger.changes(ticket)) {
        if (wish.json)
            json_array_append_new(changes.get(),
                                  json_pack("{s:I, s:s, s:s, s:s}", "version",
                                            static_cast<json_int_t>(change.version), "change",
                                            change.kind.c_str(), "reason", change.reason.c_str(), "at",
                                            change.changed_at.c_str()));
        else
            std::printf("  %s  %s: %s\n", change.changed_at.c_str(), change.kind.c_str(),
                        change.reason.c_str());
    }
    json_object_set_new(about.get(), "changes", changes.release());
    if (wish.json)
        print(about);
}

void revoke_tickets(const Configuration& configuration, const Revocation& wish) {
    Database database = open_ledger(configuration);
    TicketLedger ledger(database);
    const std::vector<TicketRow> tickets = tickets_named(database, wish.tickets, wish.event);
    const std::vector<std::int64_t> rows = ledger.revoke(tickets, wish.reason);
    const bool known = await([&] { return ledger.unconfirmed(rows) == 0; });
    Json list(json_array());
    for (const TicketRow& ticket : tickets) {
        if (wish.json)
            json_array_append_new(
                list.get(), json_pack("{s:i, s:I, s:s, s:s, s:b}", "event", static_cast<int>(ticket.event),
                                      "serial", static_cast<json_int_t>(ticket.serial), "reference",
                                      ticket.reference.c_str(), "status", "revoked", "published", known));
        else if (known)
            std::cout << "ticket " << ticket.reference << " (serial " << ticket.serial << ") "
                      << (ticket.status == "revoked" ? "was revoked already" : "is revoked") << '\n';
    }
    if (wish.json)
        print(list);
    if (!known)
        throw CommandFailure(ExitStatus::unpublished,
                             "the revocation is noted and will be published as soon as mogirid and Redis run "
                             "(mogirictl doctor); until then the door may still let the ticket in");
}

} // namespace mogiri::daemon
