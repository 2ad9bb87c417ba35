// The options of `mogirictl tickets …`.
#include <memory>
#include <stdexcept>
#include <tuple>

#include "ctl/command_line.hpp"
#include "ctl/mail/mailing_command.hpp"

namespace mogiri::daemon {

namespace {

// Reads into `rate` while the line is read, so that a wrong one is a fault of the line.
CLI::Option* add_rate(CLI::App* command, int& rate) {
    return command
        ->add_option_function<std::string>(
            "--rate", [&rate](const std::string& words) { rate = parse_rate(words); },
            "at most so many mails: 10/s, 600/min (600/min)")
        ->check(CLI::Validator(
            [](std::string& words) {
                try {
                    return parse_rate(words), std::string();
                } catch (const std::invalid_argument& wrong) {
                    return std::string(wrong.what());
                }
            },
            "RATE"));
}

void describe_send(CommandLine& line, CLI::App* tickets) {
    CLI::App* send = tickets->add_subcommand(
        "send", "mail the tickets of all applications whose tickets were not sent yet, and watch it");
    const auto wish = std::make_shared<SendWish>();
    send->add_option("--event", wish->event, "of this event (slug); the default one without it");
    send->add_option("--form", wish->mailing.form, "of this form only");
    send->add_option("--kind", wish->mailing.kind, "with a ticket of this kind only");
    send->add_option("--state", wish->mailing.mail_state, "only where the last mail with the tickets is so")
        ->check(CLI::IsMember({"none", "sent", "failed", "suppressed"}));
    send->add_flag("--again", wish->mailing.again, "those too whose tickets were sent or are on their way");
    add_rate(send, wish->mailing.rate);
    send->add_flag("--dry-run", wish->dry_run, "only say how many it would be");
    send->add_flag("--no-wait", wish->at_once, "order it and do not watch");
    send->add_flag("--json", wish->json, "print JSON, once it is over");
    line.when(send, [&line, wish] { return send_tickets(line.configuration(), *wish); });
}

void describe_changes(CommandLine& line, CLI::App* tickets) {
    for (const auto& [name, state, about] :
         {std::tuple("pause", "paused", "owe no more mails of a mailing for now"),
          std::tuple("resume", "running", "go on with a mailing that was paused"),
          std::tuple("cancel", "cancelled", "owe no more mails of a mailing, for good"),
          std::tuple("rate", "", "another rate for a mailing")}) {
        CLI::App* command = tickets->add_subcommand(name, about);
        const auto wish = std::make_shared<MailingChange>();
        wish->state = state;
        command->add_option("MAILING", wish->number, "its number")->required()->check(CLI::PositiveNumber);
        if (wish->state.empty())
            add_rate(command, wish->rate)->required();
        command->add_option("--event", wish->event, "of this event (slug); the default one without it");
        command->add_flag("--json", wish->json, "print JSON");
        line.when(command,
                  [&line, wish] { return change_mailing(line.configuration(), *wish), ExitStatus::done; });
    }
}

} // namespace

void describe_mailings(CommandLine& line) {
    CLI::App* tickets =
        line.app.add_subcommand("tickets", "all tickets of an event by mail, and those of one again");
    tickets->require_subcommand(1);
    describe_send(line, tickets);
    describe_changes(line, tickets);

    CLI::App* watch = tickets->add_subcommand("watch", "how far a mailing is, until it is over");
    const auto watched = std::make_shared<MailingChange>();
    watch->add_option("MAILING", watched->number, "its number")->required()->check(CLI::PositiveNumber);
    watch->add_option("--event", watched->event, "of this event (slug); the default one without it");
    watch->add_flag("--json", watched->json, "print JSON, once it is over");
    line.when(watch, [&line, watched] {
        return watch_mailing(line.configuration(), watched->event, watched->number, watched->json);
    });

    CLI::App* resend =
        tickets->add_subcommand("resend", "mail the tickets of one applicant or application again");
    const auto again = std::make_shared<ResendWish>();
    CLI::Option_group* whose = resend->add_option_group("whose", "one of them");
    whose->add_option("--applicant", again->applicant, "all of this applicant's (S2E12)");
    whose->add_option("--application", again->application, "of this application");
    whose->add_option("--ticket", again->ticket,
                      "of the application that has this ticket: its reference or serial");
    whose->require_option(1);
    resend->add_option("--event", again->event, "of this event (slug); the default one without it");
    resend->add_flag("--json", again->json, "print JSON");
    line.when(resend,
              [&line, again] { return resend_tickets(line.configuration(), *again), ExitStatus::done; });
}

} // namespace mogiri::daemon
