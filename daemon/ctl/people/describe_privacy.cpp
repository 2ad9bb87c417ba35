// The options of `mogirictl person …` and `mogirictl retention …`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/people/erasure_command.hpp"

namespace mogiri::daemon {

void describe_privacy(CommandLine& line) {
    CLI::App* person = line.app.add_subcommand("person", "what is stored of one person");
    person->require_subcommand(1);
    CLI::App* erase = person->add_subcommand(
        "erase",
        "erase a person's data, after saying how much it is; returns when it is gone from Redis's files");
    const auto wish = std::make_shared<PersonWish>();
    erase->add_option("WHO", wish->who, "an address; with --event also an applicant such as S2E12")
        ->required();
    erase->add_option("--event", wish->event, "at this event only (slug); users stay");
    erase->add_flag("--roster", wish->roster, "entries of rosters, too");
    erase->add_flag("--revoke", wish->revoke,
                    "end tickets that can still be used; without it such a person is refused");
    erase->add_flag("--dry-run", wish->dry_run, "say what would be done, and do nothing");
    erase->add_flag("--yes", wish->yes, "do not ask");
    erase->add_flag("--json", wish->json, "print JSON");
    line.when(erase, [&line, wish] { return erase_person(line.configuration(), *wish), ExitStatus::done; });

    CLI::App* retention = line.app.add_subcommand("retention", "how long events' personal data is kept");
    retention->require_subcommand(1);
    const auto json = std::make_shared<bool>(false), dry_run = std::make_shared<bool>(false);
    CLI::App* list = retention->add_subcommand("list", "every event: until when, and how far it is erased");
    CLI::App* run = retention->add_subcommand("run", "erase what is due now; mogirid does so by itself, too");
    for (CLI::App* command : {list, run})
        command->add_flag("--json", *json, "print JSON");
    run->add_flag("--dry-run", *dry_run, "say what would be done, and do nothing");
    line.when(list, [&line, json] { return list_retention(line.configuration(), *json), ExitStatus::done; });
    line.when(run, [&line, json, dry_run] {
        return run_retention(line.configuration(), *dry_run, *json), ExitStatus::done;
    });
}

} // namespace mogiri::daemon
