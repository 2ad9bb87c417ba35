// mogirictl: the command line of mogiri. The only file that knows CLI11.
#include <iostream>

#include <CLI/CLI.hpp>

#include "doctor.hpp"
#include "event_command.hpp"
#include "event_file.hpp"
#include "exit_status.hpp"
#include "keys_command.hpp"
#include "ledger/event_ledger.hpp"
#include "people_command.hpp"
#include "print_json.hpp"
#include "status.hpp"

namespace mogiri::daemon {

namespace {

constexpr const char* footer =
    "Exit status: 0 done; 1 something is wrong, or refused; 2 the command line; 3 a file that was\n"
    "given; 4 PostgreSQL or Redis out of reach; 5 stored, but mogirid has not published it yet.";

struct Wishes {
    std::string configuration_file = "/etc/mogiri/mogirid.toml";
    EventApply event;
    NewUser user;
    NewDevice device;
    std::string keys_file;
    bool json = false;
};

// Each leaf command leaves in `chosen` what is to be done; nothing runs while the line is still being read.
void describe(CLI::App& app, Wishes& wishes, std::function<ExitStatus()>& chosen) {
    const auto configuration = [&wishes] {
        return load_configuration(wishes.configuration_file, process_environment());
    };
    const auto when = [&chosen](CLI::App* command, std::function<ExitStatus()> work) {
        command->callback([&chosen, work = std::move(work)] { chosen = work; });
    };

    app.add_option("--config", wishes.configuration_file, "the daemon's configuration")
        ->capture_default_str();
    app.set_version_flag("--version", std::string("mogirictl ") + MOGIRI_VERSION);
    app.footer(footer);
    app.require_subcommand(1);
    app.fallthrough(); // --config is taken anywhere

    CLI::App* event = app.add_subcommand("event", "events: what they are, from files")->require_subcommand(1);
    CLI::App* apply = event->add_subcommand(
        "apply", "make or change the event that FILE describes; the same again changes nothing");
    apply->add_option("FILE", wishes.event.file, "event file (TOML)")->required();
    apply->add_flag("--dry-run", wishes.event.dry_run, "say what would change, change nothing");
    apply
        ->add_option("--force-day", wishes.event.force_day,
                     "day N is the current one whatever the clock says (0: by the clock)")
        ->type_name("N");
    apply->add_flag("--default", wishes.event.make_default, "addresses without /e/<slug>/ mean this event");
    apply->add_flag("--json", wishes.event.json, "print JSON");
    when(apply,
         [&wishes, configuration] { return apply_event(configuration(), wishes.event), ExitStatus::done; });

    CLI::App* list = event->add_subcommand("list", "list the events");
    list->add_flag("--json", wishes.json, "print JSON");
    when(list,
         [&wishes, configuration] { return list_events(configuration(), wishes.json), ExitStatus::done; });

    CLI::App* user = app.add_subcommand("user", "people who may log in")->require_subcommand(1);
    CLI::App* add_person =
        user->add_subcommand("add", "add a user; the password is asked for on the terminal");
    add_person->add_option("NAME,--name", wishes.user.name, "name to log in with")->required();
    add_person->add_option("--email", wishes.user.email, "e-mail address")->required();
    add_person->add_option("--role", wishes.user.role, "what the user may do")
        ->required()
        ->check(CLI::IsMember({"student", "teacher", "scanner", "supervisor", "staff", "admin"}));
    add_person
        ->add_option("--password-file", wishes.user.password_file,
                     "read the password from FILE's first line (-: standard input)")
        ->type_name("FILE");
    when(add_person,
         [&wishes, configuration] { return add_user(configuration(), wishes.user), ExitStatus::done; });

    CLI::App* device = app.add_subcommand("device", "scanners at the door")->require_subcommand(1);
    CLI::App* add_scanner = device->add_subcommand("add", "add a device and print its key, once");
    add_scanner->add_option("NAME,--name", wishes.device.name, "name of the device")->required();
    add_scanner->add_option("--event", wishes.device.event, "the event's slug")->required();
    add_scanner->add_option("--gate", wishes.device.gate, "id of the gate where it stands")->required();
    add_scanner->add_option("--profile", wishes.device.profile, "what it may do")
        ->required()
        ->check(CLI::IsMember({"scanner", "supervisor"}));
    add_scanner->add_flag("--json", wishes.device.json, "print JSON");
    when(add_scanner,
         [&wishes, configuration] { return add_device(configuration(), wishes.device), ExitStatus::done; });

    CLI::App* keys =
        app.add_subcommand("keys", "master keys, from which tickets are signed")->require_subcommand(1);
    CLI::App* create =
        keys->add_subcommand("create", "write a new key file (mode 600); never overwrites one");
    create->add_option("FILE", wishes.keys_file, "file to be made")->required();
    when(create, [&wishes] { return create_keys(wishes.keys_file), ExitStatus::done; });

    CLI::App* examine = app.add_subcommand(
        "doctor", "look at everything that the daemon needs; say what is wrong and how to mend it");
    examine->add_flag("--json", wishes.json, "print JSON");
    when(examine, [&wishes] {
        return doctor(wishes.configuration_file, wishes.json) ? ExitStatus::done : ExitStatus::wrong;
    });

    CLI::App* status =
        app.add_subcommand("status", "what is under way: queues and their ages, mails, the door");
    status->add_flag("--json", wishes.json, "print JSON");
    when(status, [&wishes, configuration] {
        const Json gathered = gather_status(configuration());
        wishes.json ? print(gathered) : print_status_table(gathered);
        return complete(gathered) ? ExitStatus::done : ExitStatus::unreachable;
    });
}

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
    CLI::App app("mogirictl administers mogiri: events, users, scanners, keys, and its health", "mogirictl");
    Wishes wishes;
    std::function<ExitStatus()> chosen;
    try {
        describe(app, wishes, chosen);
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
    }
    return static_cast<int>(run(chosen));
}
