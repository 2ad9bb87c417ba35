// The commands of mogirictl and their options. Each leaf command leaves in `chosen` what is to be done;
// nothing runs while the line is still being read.
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "configuration.hpp"
#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

class CommandLine {
  public:
    CommandLine();

    CLI::App app{"mogirictl administers mogiri: events, users, scanners, keys, and its health", "mogirictl"};
    std::function<ExitStatus()> chosen;

    Configuration configuration() const {
        return load_configuration(configuration_file, process_environment());
    }
    void when(CLI::App* command, std::function<ExitStatus()> work) {
        command->callback([this, work = std::move(work)] { chosen = work; });
    }

    std::string configuration_file = "/etc/mogiri/mogirid.toml";
};

// What a reason must be.
inline const CLI::Validator
    not_empty([](std::string& text) { return text.empty() ? std::string("say why") : ""; }, "TEXT");

// Each adds its commands; what their options are read into lives as long as the line.
void describe_analytics(CommandLine& line);
void describe_applications(CommandLine& line);
void describe_backups(CommandLine& line);
void describe_bounces(CommandLine& line);
void describe_cache(CommandLine& line);
void describe_events(CommandLine& line);
void describe_exports(CommandLine& line);
void describe_import(CommandLine& line);
void describe_mailings(CommandLine& line);
void describe_people(CommandLine& line);
void describe_devices(CommandLine& line);
void describe_privacy(CommandLine& line);
// After all others: it adds to their commands.
void describe_keys_and_lists(CommandLine& line);
void describe_roster(CommandLine& line);
void describe_tickets(CommandLine& line);
void describe_jobs(CommandLine& line);

} // namespace mogiri::daemon
