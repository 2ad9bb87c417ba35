// The options of `mogirictl import-flask`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/tickets/import_command.hpp"

namespace mogiri::daemon {

void describe_import(CommandLine& line) {
    CLI::App* flask = line.app.add_subcommand(
        "import-flask", "take users, tickets and their use over from the Flask system before");
    const auto wish = std::make_shared<FlaskImport>();
    flask->add_option("DATABASE_URL", wish->source, "its PostgreSQL database; - reads it from standard input")
        ->required();
    flask->add_option("--event", wish->event, "slug of the event that it becomes")->required();
    flask->add_option("--student-form", wish->student_form, "form of students' applications")
        ->capture_default_str();
    flask->add_option("--teacher-form", wish->teacher_form, "form of all others' applications")
        ->capture_default_str();
    flask->add_option("--users-table", wish->users_table, "where several tables could be its users");
    flask->add_option("--tickets-table", wish->tickets_table, "where several tables could be its tickets");
    flask->add_option("--time-zone", wish->time_zone, "of the times in it (the event's)")->type_name("ZONE");
    flask->add_flag("--dry-run", wish->dry_run, "say what would come over, change nothing");
    flask->add_flag("--json", wish->json, "print JSON");
    line.when(flask, [&line, wish] { return import_flask(line.configuration(), *wish); });
}

} // namespace mogiri::daemon
