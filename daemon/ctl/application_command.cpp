// `mogirictl application …`: what was applied for, and taking it back.
#include "application_command.hpp"

#include <cstdio>
#include <iostream>

#include "exit_status.hpp"
#include "ledger/application_desk.hpp"
#include "ledger/event_ledger.hpp"
#include "ledger/ticket_ledger.hpp"
#include "print_json.hpp"
#include "publication.hpp"

namespace mogiri::daemon {

namespace {

Json application_json(const ApplicationRow& application, bool personal) {
    Json about(json_pack("{s:s, s:i, s:s, s:s, s:I, s:s, s:s}", "application", application.id.c_str(),
                         "event", static_cast<int>(application.event), "form", application.form.c_str(),
                         "state", application.state.c_str(), "tickets",
                         static_cast<json_int_t>(application.tickets), "submitted_at",
                         application.submitted_at.c_str(), "decided_at", application.decided_at.c_str()));
    if (!application.code.empty())
        json_object_set_new(about.get(), "code", json_of(application.code));
    if (personal) {
        json_object_set_new(about.get(), "applicant", json_of(application.applicant));
        json_object_set_new(about.get(), "email", json_of(application.email));
        json_object_set_new(about.get(), "language", json_of(application.language));
        json_object_set_new(about.get(), "fields", parse_json(application.fields).release());
        json_object_set_new(about.get(), "guests", parse_json(application.guests).release());
    }
    return about;
}

void print_line(const ApplicationRow& application, bool personal) {
    std::printf("%s  event %u  %-10s  %-9s  %-16s  %2lld  %s", application.id.c_str(), application.event,
                application.form.c_str(), application.state.c_str(), application.code.c_str(),
                static_cast<long long>(application.tickets), application.submitted_at.c_str());
    if (personal)
        std::printf("  %s  %s", application.applicant.c_str(), application.email.c_str());
    std::putchar('\n');
}

} // namespace

void list_applications(const Configuration& configuration, const ApplicationWish& wish) {
    Database database = open_ledger(configuration);
    ApplicationFilter filter{std::nullopt, wish.form, wish.state, wish.applicant, wish.limit};
    if (!wish.event.empty())
        filter.event = EventLedger(database).number_of(wish.event);
    const auto applications = ApplicationDesk(database).list(filter);
    Json list(json_array());
    for (const ApplicationRow& application : applications) {
        if (wish.json)
            json_array_append_new(list.get(), application_json(application, wish.personal).release());
        else
            print_line(application, wish.personal);
    }
    if (wish.json)
        print(list);
    else if (applications.empty())
        std::cout << "no application\n";
}

void show_application(const Configuration& configuration, const std::string& id,
                      const ApplicationWish& wish) {
    Database database = open_ledger(configuration);
    ApplicationDesk desk(database);
    const ApplicationRow application = desk.find(id);
    const Json about = application_json(application, wish.personal);
    Json tickets(json_array()), changes(json_array());
    if (!wish.json)
        print_line(application, wish.personal);
    for (const TicketRow& ticket : TicketLedger(database).list(application.event, "", id, 1000)) {
        json_array_append_new(tickets.get(),
                              json_pack("{s:s, s:I, s:s}", "reference", ticket.reference.c_str(), "serial",
                                        static_cast<json_int_t>(ticket.serial), "status",
                                        ticket.status.c_str()));
        if (!wish.json)
            std::printf("  ticket %s  %s%s%s\n", ticket.reference.c_str(), ticket.status.c_str(),
                        wish.personal ? "  " : "", wish.personal ? ticket.guest.c_str() : "");
    }
    for (const ApplicationChange& change : desk.changes(application)) {
        json_array_append_new(changes.get(),
                              json_pack("{s:s, s:s, s:s}", "change", change.kind.c_str(), "reason",
                                        change.reason.c_str(), "at", change.changed_at.c_str()));
        if (!wish.json)
            std::printf("  %s  %s: %s\n", change.changed_at.c_str(), change.kind.c_str(),
                        change.reason.c_str());
    }
    json_object_set_new(about.get(), "of_tickets", tickets.release());
    json_object_set_new(about.get(), "changes", changes.release());
    if (wish.json)
        print(about);
}

void cancel_applications(const Configuration& configuration, const Cancellation& wish) {
    Database database = open_ledger(configuration);
    ApplicationDesk desk(database);
    for (const std::string& id : wish.applications)
        desk.find(id); // all of them or none
    const std::vector<std::int64_t> rows = desk.cancel(wish.applications, wish.reason);
    TicketLedger tickets(database);
    const bool known = await([&] { return tickets.unconfirmed(rows) == 0; });
    Json list(json_array());
    for (const std::string& id : wish.applications) {
        json_array_append_new(list.get(), json_pack("{s:s, s:s, s:b}", "application", id.c_str(), "state",
                                                    "cancelled", "published", known));
        if (!wish.json && known)
            std::cout << "application " << id << " is cancelled\n";
    }
    if (wish.json)
        print(list);
    if (!known)
        throw CommandFailure(
            ExitStatus::unpublished,
            "the cancellation is noted and will be published as soon as mogirid and Redis run "
            "(mogirictl doctor); until then the door may still let the tickets in");
}

} // namespace mogiri::daemon
