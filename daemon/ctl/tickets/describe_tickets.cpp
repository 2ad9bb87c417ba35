// The options of `mogirictl ticket …`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/tickets/test_ticket_command.hpp"
#include "ctl/tickets/ticket_command.hpp"
#include "ctl/tickets/ticket_renewal_command.hpp"
#include "ctl/tickets/ticket_restoration_command.hpp"

namespace mogiri::daemon {

namespace {

void add_common(CLI::App* command, TicketFilter& filter) {
    command->add_option("--event", filter.event, "of this event only (slug)");
    command->add_flag("--personal", filter.personal, "show guests' names");
    command->add_flag("--json", filter.json, "print JSON");
}

void describe_restoration(CommandLine& line, CLI::App* ticket) {
    CLI::App* restore = ticket->add_subcommand(
        "restore",
        "give an admission back, of a ticket that was scanned by mistake; returns when the door knows");
    const auto restoring = std::make_shared<Restoring>();
    restore->add_option("TICKET", restoring->tickets, "references or serials; one admission of each")
        ->required();
    restore
        ->add_option("--day", restoring->day,
                     "its admission of this day; without it: of its last day with one")
        ->check(CLI::Range(1, 255));
    restore->add_option("--reason", restoring->reason, "why; kept with the ticket")
        ->required()
        ->check(not_empty);
    restore->add_option("--event", restoring->event, "of this event only (slug)");
    restore->add_flag("--json", restoring->json, "print JSON");
    line.when(restore, [&line, restoring] {
        return restore_tickets(line.configuration(), *restoring), ExitStatus::done;
    });
}

void describe_renewals(CommandLine& line, CLI::App* ticket) {
    CLI::App* reissue = ticket->add_subcommand(
        "reissue", "a new code in place of the old one, which dies at the door at once; mailed again");
    const auto renewed = std::make_shared<Reissue>();
    reissue->add_option("TICKET", renewed->tickets, "references or serials")->required();
    reissue->add_option("--reason", renewed->reason, "why; kept with the old ticket")
        ->required()
        ->check(not_empty);
    reissue->add_option("--event", renewed->event, "of this event only (slug)");
    reissue->add_flag("--json", renewed->json, "print JSON");
    line.when(reissue,
              [&line, renewed] { return reissue_tickets(line.configuration(), *renewed), ExitStatus::done; });

    CLI::App* rename = ticket->add_subcommand(
        "rename", "correct a guest's name: a new code, too, while the use that was made of it stays");
    const auto corrected = std::make_shared<Reissue>();
    corrected->tickets.resize(1);
    rename->add_option("TICKET", corrected->tickets[0], "its reference or its serial")->required();
    rename->add_option("NAME", corrected->guest, "the guest's name")->required();
    rename->add_option("--reason", corrected->reason, "why; kept with the old ticket")
        ->required()
        ->check(not_empty);
    rename->add_option("--event", corrected->event, "of this event only (slug)");
    rename->add_flag("--json", corrected->json, "print JSON");
    line.when(rename, [&line, corrected] {
        return reissue_tickets(line.configuration(), *corrected), ExitStatus::done;
    });

    CLI::App* issue = ticket->add_subcommand(
        "issue", "more tickets for an application, whatever its applicant's limit; mailed with the others");
    const auto extra = std::make_shared<ExtraTickets>();
    issue->add_option("APPLICATION", extra->application, "its id")->required();
    issue->add_option("GUEST", extra->guests, "the guests' names, a ticket for each")->required();
    issue->add_option("--reason", extra->reason, "why; kept with the application")
        ->required()
        ->check(not_empty);
    issue->add_flag("--json", extra->json, "print JSON");
    line.when(issue,
              [&line, extra] { return issue_tickets(line.configuration(), *extra), ExitStatus::done; });
}

void describe_tests(CommandLine& line, CLI::App* ticket) {
    const auto wish = std::make_shared<TestTicketWish>();
    CLI::App* test = ticket->add_subcommand(
        "test", "tickets to try the door with, by their codes; they count in no figure");
    CLI::App* remove =
        ticket->add_subcommand("remove-test", "remove an event's test tickets; the door refuses them");
    for (CLI::App* command : {test, remove}) {
        command->add_option("EVENT", wish->event, "the event's slug")->required();
        command->add_flag("--json", wish->json, "print JSON");
    }
    test->add_option("--count", wish->count, "so many")->capture_default_str()->check(CLI::Range(1, 1000));
    test->add_option("--kind", wish->kind, "of this kind (the event's first)");
    line.when(test,
              [&line, wish] { return issue_test_tickets(line.configuration(), *wish), ExitStatus::done; });
    line.when(remove,
              [&line, wish] { return remove_test_tickets(line.configuration(), *wish), ExitStatus::done; });
}

} // namespace

void describe_tickets(CommandLine& line) {
    CLI::App* ticket = line.app.add_subcommand("ticket", "tickets: look them up, take them back");
    ticket->require_subcommand(1);

    CLI::App* list = ticket->add_subcommand("list", "list tickets, by ids alone");
    const auto filter = std::make_shared<TicketFilter>();
    add_common(list, *filter);
    list->add_option("--status", filter->status, "valid or revoked")
        ->check(CLI::IsMember({"valid", "revoked"}));
    list->add_option("--application", filter->application, "of this application only")->type_name("ID");
    list->add_option("--limit", filter->limit, "at most so many")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    line.when(list,
              [&line, filter] { return list_tickets(line.configuration(), *filter), ExitStatus::done; });

    CLI::App* show = ticket->add_subcommand("show", "one ticket, and why it changed");
    const auto shown = std::make_shared<TicketFilter>();
    const auto name = std::make_shared<std::string>();
    show->add_option("TICKET", *name, "its reference or its serial")->required();
    add_common(show, *shown);
    line.when(show, [&line, name, shown] {
        return show_ticket(line.configuration(), *name, *shown), ExitStatus::done;
    });

    CLI::App* revoke =
        ticket->add_subcommand("revoke", "the door refuses these tickets from now on; returns when it does");
    const auto revocation = std::make_shared<Revocation>();
    revoke->add_option("TICKET", revocation->tickets, "references or serials")->required();
    revoke->add_option("--reason", revocation->reason, "why; kept with the ticket")
        ->required()
        ->check(not_empty);
    revoke->add_option("--event", revocation->event, "of this event only (slug)");
    revoke->add_flag("--json", revocation->json, "print JSON");
    line.when(revoke, [&line, revocation] {
        return revoke_tickets(line.configuration(), *revocation), ExitStatus::done;
    });
    describe_renewals(line, ticket);
    describe_tests(line, ticket);
    describe_restoration(line, ticket);
}

} // namespace mogiri::daemon
