// The options of `mogirictl export`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/event/export_command.hpp"

namespace mogiri::daemon {

void describe_exports(CommandLine& line) {
    CLI::App* command = line.app.add_subcommand("export", "write what the ledger knows to a file");
    const auto wish = std::make_shared<ExportCommand>();
    std::string subjects = "one of";
    for (const ExportSubject& subject : export_subjects())
        subjects += "\n" + std::string(subject.name) + ": " + std::string(subject.about) + " (" +
                    std::string(subject.formats) + ")";
    command->add_option("SUBJECT", wish->subject, subjects)->required();
    command->add_option("--event", wish->event, "of this event (slug); the default one without it");
    command->add_option("--format", wish->format,
                        "csv, jsonl, sqlite or pdf; the subject's first without it");
    command->add_option("--day", wish->day, "door-list: of this day only")->check(CLI::Range(1, 255));
    command->add_option("-o,--output", wish->output, "file, mode 600; - is standard output")
        ->type_name("FILE")
        ->required();
    command->add_flag("--json", wish->json, "print what was written as JSON");
    line.when(command,
              [&line, wish] { return export_to_file(line.configuration(), *wish), ExitStatus::done; });
}

} // namespace mogiri::daemon
