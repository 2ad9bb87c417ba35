// The commands of mogirictl that are about mogiri itself, and the line as a whole.
#include "ctl/command_line.hpp"

#include <memory>

#include "ctl/event/describe_layouts.hpp"
#include "ctl/print_json.hpp"
#include "ctl/system/doctor.hpp"
#include "ctl/system/keys_command.hpp"
#include "ctl/system/status.hpp"

namespace mogiri::daemon {

namespace {

constexpr const char* footer =
    "Exit status: 0 done; 1 something is wrong, or refused; 2 the command line; 3 a file that was\n"
    "given; 4 PostgreSQL or Redis out of reach; 5 stored, but mogirid has not done its part yet.";

void describe_keys(CommandLine& line) {
    CLI::App* keys = line.app.add_subcommand("keys", "master keys, from which tickets are signed");
    keys->require_subcommand(1);
    CLI::App* create =
        keys->add_subcommand("create", "write a new key file (mode 600); never overwrites one");
    const auto file = std::make_shared<std::string>();
    create->add_option("FILE", *file, "file to be made")->required();
    line.when(create, [file] { return create_keys(*file), ExitStatus::done; });
}

void describe_health(CommandLine& line) {
    const auto json = std::make_shared<bool>(false);
    CLI::App* examine = line.app.add_subcommand(
        "doctor", "look at all that the daemon needs; say what is wrong and how to mend it");
    examine->add_flag("--json", *json, "print JSON");
    line.when(examine, [&line, json] {
        return doctor(line.configuration_file, *json) ? ExitStatus::done : ExitStatus::wrong;
    });

    CLI::App* status =
        line.app.add_subcommand("status", "what is under way: queues and their ages, mails, the door");
    status->add_flag("--json", *json, "print JSON");
    line.when(status, [&line, json] {
        const Json gathered = gather_status(line.configuration());
        *json ? print(gathered) : print_status_table(gathered);
        return complete(gathered) ? ExitStatus::done : ExitStatus::unreachable;
    });
}

} // namespace

CommandLine::CommandLine() {
    app.add_option("--config", configuration_file, "the daemon's configuration")->capture_default_str();
    app.set_version_flag("--version", std::string("mogirictl ") + MOGIRI_VERSION);
    app.footer(footer);
    app.require_subcommand(1);
    app.fallthrough(); // --config is taken anywhere
    describe_events(*this);
    describe_people(*this);
    describe_devices(*this);
    describe_privacy(*this);
    describe_roster(*this);
    describe_applications(*this);
    describe_tickets(*this);
    describe_layouts(*this);
    describe_mailings(*this);
    describe_analytics(*this);
    describe_exports(*this);
    describe_backups(*this);
    describe_import(*this);
    describe_jobs(*this);
    describe_cache(*this);
    describe_bounces(*this);
    describe_keys(*this);
    describe_health(*this);

    describe_keys_and_lists(*this);
}

} // namespace mogiri::daemon
