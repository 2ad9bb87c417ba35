// The options of `mogirictl roster …`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/event/roster_command.hpp"

namespace mogiri::daemon {

namespace {

template <typename Wish>
CLI::App* add_step(CLI::App* roster, const char* name, const char* help, Wish& wish) {
    CLI::App* step = roster->add_subcommand(name, help);
    step->add_option("EVENT", wish.event, "the event's slug")->required();
    step->add_option("FORM", wish.form, "id of the form")->required();
    step->add_flag("--json", wish.json, "print JSON");
    return step;
}

} // namespace

void describe_roster(CommandLine& line) {
    CLI::App* roster = line.app.add_subcommand("roster", "who may apply with a form, as a list");
    roster->require_subcommand(1);

    const auto file = std::make_shared<RosterImport>();
    CLI::App* load = add_step(roster, "import", "add and change entries from a CSV file", *file);
    load->add_option("FILE", file->file, "CSV with the columns id, name, address, class")->required();
    load->add_flag("--dry-run", file->dry_run, "say what would change, change nothing");
    load->add_flag("--skip-bad", file->skip_bad, "import the good rows even when others are bad");
    line.when(load, [&line, file] { return import_roster(line.configuration(), *file); });

    const auto filter = std::make_shared<RosterFilter>();
    CLI::App* list = add_step(roster, "list", "list the entries, by ids alone", *filter);
    list->add_option("--class", filter->class_name, "of this class only");
    list->add_option("--limit", filter->limit, "at most so many")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    list->add_flag("--personal", filter->personal, "show names and addresses");
    line.when(list, [&line, filter] { return list_roster(line.configuration(), *filter), ExitStatus::done; });

    CLI::App* clear =
        add_step(roster, "clear", "remove all entries: nobody may apply until the next import", *filter);
    line.when(clear,
              [&line, filter] { return clear_roster(line.configuration(), *filter), ExitStatus::done; });
}

} // namespace mogiri::daemon
