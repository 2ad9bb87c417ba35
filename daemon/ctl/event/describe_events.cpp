// The options of `mogirictl event …`.
#include <memory>
#include <tuple>

#include "ctl/command_line.hpp"
#include "ctl/event/event_command.hpp"

namespace mogiri::daemon {

namespace {

void describe_apply(CommandLine& line, CLI::App* event) {
    CLI::App* apply =
        event->add_subcommand("apply", "make or change the event that FILE describes; again changes nothing");
    const auto wish = std::make_shared<EventApply>();
    apply->add_option("FILE", wish->file, "event file (TOML)")->required();
    apply->add_flag("--dry-run", wish->dry_run, "say what would change, change nothing");
    apply
        ->add_option("--force-day", wish->force_day,
                     "day N is the current one whatever the clock says (0: by the clock)")
        ->type_name("N");
    apply
        ->add_option("--form-seconds", wish->form_seconds,
                     "forms may be sent N seconds after they were opened, whatever FILE says")
        ->type_name("N");
    apply->add_flag("--default", wish->make_default, "addresses without /e/<slug>/ mean this event");
    apply->add_flag("--json", wish->json, "print JSON");
    line.when(apply, [&line, wish] { return apply_event(line.configuration(), *wish), ExitStatus::done; });
}

void describe_states(CommandLine& line, CLI::App* event) {
    struct Step {
        const char *name, *help, *state;
    };
    for (const auto& [name, help, state] :
         {Step{"open", "its forms take applications", "open"},
          Step{"close", "its forms take no more; the door goes on", "closed"},
          Step{"archive", "it is over: no applications, nobody is let in", "archived"}}) {
        CLI::App* step = event->add_subcommand(name, help);
        const auto wish = std::make_shared<EventStep>();
        wish->state = state;
        step->add_option("SLUG", wish->slug, "the event")->required();
        step->add_flag("--json", wish->json, "print JSON");
        line.when(step,
                  [&line, wish] { return change_state(line.configuration(), *wish), ExitStatus::done; });
    }
}

} // namespace

void describe_events(CommandLine& line) {
    CLI::App* event = line.app.add_subcommand("event", "events: what they are, from files");
    event->require_subcommand(1);
    describe_apply(line, event);

    CLI::App* list = event->add_subcommand("list", "list the events");
    const auto listed = std::make_shared<bool>(false);
    list->add_flag("--json", *listed, "print JSON");
    line.when(list, [&line, listed] { return list_events(line.configuration(), *listed), ExitStatus::done; });

    CLI::App* show = event->add_subcommand("show", "what was applied, as a file that apply takes again");
    const auto shown = std::make_shared<EventShow>();
    show->add_option("SLUG", shown->slug, "the event")->required();
    CLI::Option* toml = show->add_flag_function(
        "--toml", [](std::int64_t) {}, "print the event file, as without it");
    show->add_flag("--json", shown->json, "print JSON")->excludes(toml);
    line.when(show, [&line, shown] { return show_event(line.configuration(), *shown), ExitStatus::done; });

    CLI::App* copy = event->add_subcommand(
        "copy", "make a draft of another slug that is like this event; again changes nothing");
    const auto copied = std::make_shared<EventCopy>();
    copy->add_option("SLUG", copied->slug, "the event")->required();
    copy->add_option("NEW-SLUG", copied->new_slug, "the new one")->required();
    copy->add_flag("--json", copied->json, "print JSON");
    line.when(copy, [&line, copied] { return copy_event(line.configuration(), *copied), ExitStatus::done; });

    describe_states(line, event);

    CLI::App* day = event->add_subcommand("force-day", "day N is the current one whatever the clock says");
    const auto forced = std::make_shared<EventDayWish>();
    day->add_option("SLUG", forced->slug, "the event")->required();
    day->add_option("N", forced->day, "the day's number; 0: by the clock")
        ->required()
        ->check(CLI::Range(0, 255));
    day->add_flag("--json", forced->json, "print JSON");
    line.when(day, [&line, forced] { return force_day(line.configuration(), *forced), ExitStatus::done; });

    for (const auto& [name, help, work] :
         {std::tuple("reset-use", "give all admissions of all tickets back", &reset_event_use),
          std::tuple("reset-counts", "what was applied for no longer counts towards anybody's limit",
                     &reset_event_counts)}) {
        CLI::App* reset = event->add_subcommand(name, help);
        const auto wish = std::make_shared<EventResetWish>();
        reset->add_option("SLUG", wish->slug, "the event")->required();
        reset->add_option("--confirm", wish->confirm, "the slug once more")->required();
        reset->add_option("--reason", wish->reason, "why; kept in the audit log")
            ->required()
            ->check(not_empty);
        reset->add_flag("--json", wish->json, "print JSON");
        line.when(reset,
                  [&line, wish, work = work] { return work(line.configuration(), *wish), ExitStatus::done; });
    }
}

} // namespace mogiri::daemon
