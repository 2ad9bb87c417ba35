// `mogirictl ticket test` and `ticket remove-test`: tickets to try the door with.
#include "ctl/tickets/test_ticket_command.hpp"

#include <algorithm>
#include <iostream>

#include <ticket_code.hpp>

#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/event_ledger.hpp"
#include "ledger/test_tickets.hpp"
#include "ledger/ticket_ledger.hpp"

namespace mogiri::daemon {

void issue_test_tickets(const Configuration& configuration, const TestTicketWish& wish) {
    const MasterKeys keys = master_keys(configuration);
    Database database = open_ledger(configuration);
    const StoredEvent stored = EventLedger(database).stored(wish.event);
    const EventSettings event = EventSettings::from_json(stored.definition.get());
    const auto kind =
        wish.kind.empty() ? event.kinds.begin() : std::ranges::find(event.kinds, wish.kind, &TicketKind::id);
    if (kind == event.kinds.end())
        throw CommandFailure(ExitStatus::wrong, "event " + wish.event + " has no kind \"" + wish.kind + "\"");
    name_deed(database, "ticket.test");
    const Renewal issued =
        TestTickets(database, stored.number).issue(keys, event.forms.front().id, kind->id, wish.count);
    TicketLedger ledger(database);
    const bool known = await([&] { return ledger.unconfirmed(issued.rows) == 0; });
    TicketCodes codes(keys);
    Json list(json_array());
    for (const NewTicket& ticket : issued.tickets) {
        const std::string code = codes.issue(ticket.event, static_cast<std::uint64_t>(ticket.serial));
        json_array_append_new(list.get(),
                              json_pack("{s:i, s:I, s:s, s:s, s:b}", "event", static_cast<int>(ticket.event),
                                        "serial", static_cast<json_int_t>(ticket.serial), "reference",
                                        ticket.reference.c_str(), "code", code.c_str(), "published", known));
        if (!wish.json)
            std::cout << ticket.reference << "  " << code << '\n';
    }
    if (wish.json)
        print(list);
    if (!known)
        throw CommandFailure(ExitStatus::unpublished,
                             "stored, but the door does not know them yet: mogirid will publish "
                             "them as soon as it and Redis run (mogirictl doctor)");
}

void remove_test_tickets(const Configuration& configuration, const TestTicketWish& wish) {
    Database database = open_ledger(configuration);
    TestTickets tickets(database, EventLedger(database).number_of(wish.event));
    name_deed(database, "ticket.remove_test");
    const std::vector<std::int64_t> rows = tickets.revoke();
    TicketLedger ledger(database);
    if (!await([&] { return ledger.unconfirmed(rows) == 0; }))
        throw CommandFailure(ExitStatus::unpublished,
                             "they are revoked, but the door does not know it yet: say it again "
                             "when mogirid and Redis run (mogirictl doctor)");
    const std::int64_t removed = tickets.remove();
    if (wish.json)
        print(Json(json_pack("{s:I}", "removed", static_cast<json_int_t>(removed))));
    else
        std::cout << removed << " test tickets removed\n";
}

} // namespace mogiri::daemon
