// The options of `mogirictl application …`.
#include <memory>
#include <tuple>

#include "ctl/command_line.hpp"
#include "ctl/tickets/application_command.hpp"

namespace mogiri::daemon {

void describe_applications(CommandLine& line) {
    CLI::App* application =
        line.app.add_subcommand("application", "applications: look them up, approve, reject, cancel them");
    application->require_subcommand(1);

    CLI::App* list = application->add_subcommand("list", "list applications, the newest first, by ids alone");
    const auto filter = std::make_shared<ApplicationWish>();
    list->add_option("--event", filter->event, "of this event only (slug)");
    list->add_option("--form", filter->form, "of this form only");
    list->add_option("--state", filter->state, "in this state only")
        ->check(
            CLI::IsMember({"unconfirmed", "awaiting_approval", "waiting", "issued", "refused", "cancelled"}));
    list->add_option("--applicant", filter->applicant, "of this applicant only (S2E12)");
    list->add_option("--limit", filter->limit, "at most so many")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    list->add_flag("--personal", filter->personal, "show applicants, addresses and guests");
    list->add_flag("--json", filter->json, "print JSON");
    line.when(list,
              [&line, filter] { return list_applications(line.configuration(), *filter), ExitStatus::done; });

    CLI::App* show =
        application->add_subcommand("show", "one application, its tickets, and what was done with it");
    const auto shown = std::make_shared<ApplicationWish>();
    const auto id = std::make_shared<std::string>();
    show->add_option("APPLICATION", *id, "its id")->required();
    show->add_flag("--personal", shown->personal, "show applicant, address and guests");
    show->add_flag("--json", shown->json, "print JSON");
    line.when(show, [&line, id, shown] {
        return show_application(line.configuration(), *id, *shown), ExitStatus::done;
    });

    for (const auto& [verdict, name, what] :
         {std::tuple(Verdict::approve, "approve", "issue the tickets that they await, and mail them"),
          std::tuple(Verdict::reject, "reject",
                     "refuse what awaits approval or waits; their applicants are told by mail")}) {
        CLI::App* judge = application->add_subcommand(name, what);
        const auto approval = std::make_shared<Approval>();
        judge->add_option("APPLICATION", approval->applications, "ids")->required();
        judge->add_option("--reason", approval->reason, "why; kept with the application");
        judge->add_flag("--json", approval->json, "print JSON");
        line.when(judge, [&line, verdict = verdict, approval] {
            return judge_applications(line.configuration(), verdict, *approval), ExitStatus::done;
        });
    }

    CLI::App* cancel = application->add_subcommand(
        "cancel", "revoke its tickets and free what it took; returns when the door knows it");
    const auto wish = std::make_shared<Cancellation>();
    cancel->add_option("APPLICATION", wish->applications, "ids")->required();
    cancel->add_option("--reason", wish->reason, "why; kept with the application")
        ->required()
        ->check(not_empty);
    cancel->add_flag("--json", wish->json, "print JSON");
    line.when(cancel,
              [&line, wish] { return cancel_applications(line.configuration(), *wish), ExitStatus::done; });
}

} // namespace mogiri::daemon
