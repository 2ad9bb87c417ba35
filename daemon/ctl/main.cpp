// mogirictl: the command line of mogiri. The only file that knows CLI11.
#include <iostream>

#include <CLI/CLI.hpp>

#include "doctor.hpp"
#include "event_command.hpp"
#include "event_file.hpp"
#include "exit_status.hpp"
#include "job_list.hpp"
#include "job_show.hpp"
#include "jobs_command.hpp"
#include "keys_command.hpp"
#include "ledger/event_ledger.hpp"
#include "people_command.hpp"
#include "print_json.hpp"
#include "status.hpp"
#include "ticket_command.hpp"

namespace mogiri::daemon {

namespace {

const CLI::Validator not_empty([](std::string& text) { return text.empty() ? std::string("say why") : ""; },
                               "TEXT");

constexpr const char* footer =
    "Exit status: 0 done; 1 something is wrong, or refused; 2 the command line; 3 a file that was\n"
    "given; 4 PostgreSQL or Redis out of reach; 5 stored, but mogirid has not done its part yet.";

// The commands and their options. Each leaf command leaves in `chosen` what is to be done; nothing runs while
// the line is still being read.
class CommandLine {
  public:
    CommandLine() {
        app.add_option("--config", configuration_file_, "the daemon's configuration")->capture_default_str();
        app.set_version_flag("--version", std::string("mogirictl ") + MOGIRI_VERSION);
        app.footer(footer);
        app.require_subcommand(1);
        app.fallthrough(); // --config is taken anywhere
        describe_events();
        describe_people();
        describe_tickets();
        describe_jobs();
        describe_keys();
        describe_health();
    }

    CLI::App app{"mogirictl administers mogiri: events, users, scanners, keys, and its health", "mogirictl"};
    std::function<ExitStatus()> chosen;

  private:
    Configuration configuration() const {
        return load_configuration(configuration_file_, process_environment());
    }

    void when(CLI::App* command, std::function<ExitStatus()> work) {
        command->callback([this, work = std::move(work)] { chosen = work; });
    }

    void describe_events() {
        CLI::App* event = app.add_subcommand("event", "events: what they are, from files");
        event->require_subcommand(1);

        CLI::App* apply = event->add_subcommand(
            "apply", "make or change the event that FILE describes; again changes nothing");
        apply->add_option("FILE", event_.file, "event file (TOML)")->required();
        apply->add_flag("--dry-run", event_.dry_run, "say what would change, change nothing");
        CLI::Option* day =
            apply->add_option("--force-day", event_.force_day,
                              "day N is the current one whatever the clock says (0: by the clock)");
        day->type_name("N");
        apply
            ->add_option("--form-seconds", event_.form_seconds,
                         "forms may be sent N seconds after they were opened, whatever FILE says")
            ->type_name("N");
        apply->add_flag("--default", event_.make_default, "addresses without /e/<slug>/ mean this event");
        apply->add_flag("--json", event_.json, "print JSON");
        when(apply, [this] { return apply_event(configuration(), event_), ExitStatus::done; });

        CLI::App* list = event->add_subcommand("list", "list the events");
        list->add_flag("--json", json_, "print JSON");
        when(list, [this] { return list_events(configuration(), json_), ExitStatus::done; });
    }

    void describe_people() {
        CLI::App* user = app.add_subcommand("user", "people who may log in");
        user->require_subcommand(1);
        CLI::App* person =
            user->add_subcommand("add", "add a user; the password is asked for on the terminal");
        person->add_option("NAME,--name", user_.name, "name to log in with")->required();
        person->add_option("--email", user_.email, "e-mail address")->required();
        CLI::Option* role = person->add_option("--role", user_.role, "what the user may do");
        role->required()->check(
            CLI::IsMember({"student", "teacher", "scanner", "supervisor", "staff", "admin"}));
        CLI::Option* password =
            person->add_option("--password-file", user_.password_file,
                               "read the password from FILE's first line (-: standard input)");
        password->type_name("FILE");
        when(person, [this] { return add_user(configuration(), user_), ExitStatus::done; });

        CLI::App* device = app.add_subcommand("device", "scanners at the door");
        device->require_subcommand(1);
        CLI::App* scanner = device->add_subcommand("add", "add a device and print its key, once");
        scanner->add_option("NAME,--name", device_.name, "name of the device")->required();
        scanner->add_option("--event", device_.event, "the event's slug")->required();
        scanner->add_option("--gate", device_.gate, "id of the gate where it stands")->required();
        CLI::Option* profile = scanner->add_option("--profile", device_.profile, "what it may do");
        profile->required()->check(CLI::IsMember({"scanner", "supervisor"}));
        scanner->add_flag("--json", device_.json, "print JSON");
        when(scanner, [this] { return add_device(configuration(), device_), ExitStatus::done; });
    }

    void describe_tickets() {
        CLI::App* ticket = app.add_subcommand("ticket", "tickets: look them up, take them back");
        ticket->require_subcommand(1);
        const auto common = [this](CLI::App* command) {
            command->add_option("--event", tickets_.event, "of this event only (slug)");
            command->add_flag("--personal", tickets_.personal, "show guests' names");
            command->add_flag("--json", tickets_.json, "print JSON");
        };
        CLI::App* list = ticket->add_subcommand("list", "list tickets, by ids alone");
        common(list);
        list->add_option("--status", tickets_.status, "valid or revoked")
            ->check(CLI::IsMember({"valid", "revoked"}));
        list->add_option("--application", tickets_.application, "of this application only")->type_name("ID");
        list->add_option("--limit", tickets_.limit, "at most so many")
            ->capture_default_str()
            ->check(CLI::PositiveNumber);
        when(list, [this] { return list_tickets(configuration(), tickets_), ExitStatus::done; });

        CLI::App* show = ticket->add_subcommand("show", "one ticket, and why it changed");
        show->add_option("TICKET", word_, "its reference or its serial")->required();
        common(show);
        when(show, [this] { return show_ticket(configuration(), word_, tickets_), ExitStatus::done; });

        CLI::App* revoke = ticket->add_subcommand(
            "revoke", "the door refuses these tickets from now on; returns when it does");
        revoke->add_option("TICKET", revocation_.tickets, "references or serials")->required();
        revoke->add_option("--reason", revocation_.reason, "why; kept with the ticket")
            ->required()
            ->check(not_empty);
        revoke->add_option("--event", revocation_.event, "of this event only (slug)");
        revoke->add_flag("--json", revocation_.json, "print JSON");
        when(revoke, [this] { return revoke_tickets(configuration(), revocation_), ExitStatus::done; });
    }

    void describe_jobs() {
        CLI::App* jobs =
            app.add_subcommand("jobs", "applications and mails on their way, and those given up");
        jobs->require_subcommand(1);
        CLI::App* list =
            jobs->add_subcommand("list", "what waits, who has it, what was given up; by ids alone");
        list->add_option("--event", filter_.event, "of this event only (slug)");
        list->add_option("--state", filter_.states, "in these states only")
            ->check(CLI::IsMember(job_states()));
        list->add_option("--limit", filter_.limit, "at most so many of each kind")
            ->capture_default_str()
            ->check(CLI::PositiveNumber);
        list->add_flag("--json", filter_.json, "print JSON");
        when(list, [this] { return list_jobs(configuration(), filter_); });

        CLI::App* show =
            jobs->add_subcommand("show", "one job: where it is, its faults, what happened to it");
        show->add_option("JOB", word_, "as jobs list names it")->required();
        show->add_flag("--payload", personal_, "show names and addresses too");
        show->add_flag("--json", json_, "print JSON");
        when(show, [this] { return show_job(configuration(), word_, personal_, json_), ExitStatus::done; });

        CLI::App* retry = jobs->add_subcommand(
            "retry", "put a dead letter back on the road; make a mail due now, or owe a failed one again");
        retry->add_option("JOB", words_, "as jobs list names it")->required();
        retry->add_flag("--json", json_, "print JSON");
        when(retry, [this] { return retry_jobs(configuration(), words_, json_), ExitStatus::done; });

        CLI::App* bury = jobs->add_subcommand(
            "bury", "give up an application that is stuck: a dead letter, and a mail to its applicant");
        bury->add_option("JOB", words_, "as jobs list names it")->required();
        bury->add_option("--reason", reason_, "why; kept with the dead letter")->required()->check(not_empty);
        bury->add_flag("--json", json_, "print JSON");
        when(bury, [this] { return bury_jobs(configuration(), words_, reason_, json_), ExitStatus::done; });
    }

    void describe_keys() {
        CLI::App* keys = app.add_subcommand("keys", "master keys, from which tickets are signed");
        keys->require_subcommand(1);
        CLI::App* create =
            keys->add_subcommand("create", "write a new key file (mode 600); never overwrites one");
        create->add_option("FILE", keys_file_, "file to be made")->required();
        when(create, [this] { return create_keys(keys_file_), ExitStatus::done; });
    }

    void describe_health() {
        CLI::App* examine = app.add_subcommand(
            "doctor", "look at all that the daemon needs; say what is wrong and how to mend it");
        examine->add_flag("--json", json_, "print JSON");
        when(examine,
             [this] { return doctor(configuration_file_, json_) ? ExitStatus::done : ExitStatus::wrong; });

        CLI::App* status =
            app.add_subcommand("status", "what is under way: queues and their ages, mails, the door");
        status->add_flag("--json", json_, "print JSON");
        when(status, [this] {
            const Json gathered = gather_status(configuration());
            json_ ? print(gathered) : print_status_table(gathered);
            return complete(gathered) ? ExitStatus::done : ExitStatus::unreachable;
        });
    }

    std::string configuration_file_ = "/etc/mogiri/mogirid.toml";
    EventApply event_;
    NewUser user_;
    NewDevice device_;
    std::string keys_file_;
    TicketFilter tickets_;
    Revocation revocation_;
    JobFilter filter_;
    std::vector<std::string> words_;
    std::string word_, reason_;
    bool json_ = false, personal_ = false;
};

ExitStatus complain(ExitStatus status, const std::exception& failure) {
    std::cout.flush();
    std::cerr << "mogirictl: " << failure.what() << '\n';
    return status;
}

ExitStatus run(const std::function<ExitStatus()>& command) {
    try {
        return command();
    } catch (const CommandFailure& failure) {
        return complain(failure.status(), failure);
    } catch (const ConfigurationError& failure) {
        return complain(ExitStatus::input, failure);
    } catch (const EventFileError& failure) {
        return complain(ExitStatus::input, failure);
    } catch (const LostDatabase& failure) {
        complain(ExitStatus::unreachable, failure);
        std::cerr << "Is PostgreSQL running, and is this the daemon's user (sudo -u mogiri)? `mogirictl "
                     "doctor` tells more.\n";
        return ExitStatus::unreachable;
    } catch (const std::exception& failure) {
        return complain(ExitStatus::wrong, failure);
    }
}

} // namespace

} // namespace mogiri::daemon

int main(int count, char** words) {
    using namespace mogiri::daemon;
    CommandLine line;
    try {
        line.app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return line.app.exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
    }
    return static_cast<int>(run(line.chosen));
}
