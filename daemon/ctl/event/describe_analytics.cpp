// The options of `mogirictl analytics`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/event/analytics_command.hpp"

namespace mogiri::daemon {

void describe_analytics(CommandLine& line) {
    CLI::App* command =
        line.app.add_subcommand("analytics", "statistics of an event: who came when, and how often");
    const auto question = std::make_shared<AnalyticsQuestion>();
    command->add_option("EVENT", question->event, "the event's slug")->required();
    AnalyticsWish& wish = question->wish;
    command->add_option("--from", wish.from, "its days from this date on")->type_name("DATE");
    command->add_option("--to", wish.to, "its days up to this date")->type_name("DATE");
    command->add_option("--by", wish.by, "split by form, class, kind or gate")->type_name("WHAT");
    command->add_option("--form", wish.form, "of this form only");
    command->add_option("--class", wish.class_name, "of this class only");
    command->add_option("--kind", wish.kind, "of this kind of ticket only");
    command->add_option("--gate", wish.gate, "through this gate only");
    command->add_flag("--json", question->json, "print JSON");
    line.when(command, [&line, question] {
        return show_analytics(line.configuration(), *question), ExitStatus::done;
    });
}

} // namespace mogiri::daemon
