// `mogirictl import-flask`: users, tickets and use of the system before.
#include "ctl/tickets/import_command.hpp"

#include <pwd.h>
#include <unistd.h>

#include <iostream>

#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "flask/old_import.hpp"
#include "ledger/event_ledger.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::size_t long_import = 2000; // applications

// As libpq reads it: SQLAlchemy names a driver in the scheme, and "postgres" by an older name.
std::string source_of(const FlaskImport& wish) {
    std::string url = wish.source;
    if (url == "-" && !std::getline(std::cin, url))
        throw CommandFailure(ExitStatus::usage, "standard input holds no database URL");
    const auto end = url.find("://");
    if (const auto driver = url.find('+'); end != std::string::npos && driver < end)
        url.erase(driver, end - driver);
    return url;
}

const Form* form_of(const EventSettings& event, const std::string& id, bool is_student) {
    const std::string option = is_student ? "--student-form" : "--teacher-form";
    const Form* form = event.form(id);
    if (!form)
        throw CommandFailure(ExitStatus::wrong, "event " + event.slug + " has no form \"" + id +
                                                    "\"; name one of its forms with " + option);
    if (const std::string reason = reason_against(*form, is_student); !reason.empty())
        throw CommandFailure(ExitStatus::wrong,
                             "form " + id + ": " + reason + "; name another with " + option);
    return form;
}

// What an administrator sees in the audit row: who they were before sudo, if they say so.
std::string ordered_by() {
    if (const char* sudo = getenv("SUDO_USER"); sudo && *sudo)
        return sudo;
    const passwd* user = getpwuid(getuid());
    return user ? user->pw_name : std::to_string(getuid());
}

struct Outcome {
    ImportCounts counts;
    std::vector<LeftOutRow> left_out;
    std::size_t users_without_tickets = 0;
    bool is_published = false;
};

void print_outcome(const FlaskImport& wish, const Outcome& outcome) {
    const ImportCounts& counts = outcome.counts;
    if (wish.json) {
        Json left_out(json_array());
        for (const LeftOutRow& row : outcome.left_out)
            json_array_append_new(left_out.get(),
                                  json_pack("{s:s, s:s, s:s, s:s}", "table", row.table.c_str(), "row",
                                            row.row.c_str(), "reason", row.reason.c_str(), "remedy",
                                            row.remedy.c_str()));
        print(Json(json_pack(
            "{s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:b}", "dry_run", wish.dry_run, "applications",
            static_cast<json_int_t>(counts.applications), "tickets", static_cast<json_int_t>(counts.tickets),
            "known", static_cast<json_int_t>(counts.known), "uses", static_cast<json_int_t>(counts.uses),
            "users_without_tickets", static_cast<json_int_t>(outcome.users_without_tickets), "left_out",
            left_out.release(), "published", outcome.is_published)));
        return;
    }
    for (const LeftOutRow& row : outcome.left_out)
        std::cerr << row.table << ' ' << row.row << ": " << row.reason << ": " << row.remedy << '\n';
    std::cout << (wish.dry_run ? "would be " : "") << "imported " << counts.applications
              << " applications with " << counts.tickets << " tickets, known before " << counts.known
              << ", use taken over of " << counts.uses << ", users without tickets "
              << outcome.users_without_tickets << ", rows left out " << outcome.left_out.size() << '\n';
}

Outcome carry_over(const Configuration& configuration, const FlaskImport& wish) {
    const MasterKeys keys = master_keys(configuration);
    Database database = open_ledger(configuration);
    const StoredEvent stored = EventLedger(database).stored(wish.event);
    const EventSettings event = EventSettings::from_json(stored.definition.get());
    const OldForms forms{form_of(event, wish.student_form, true), form_of(event, wish.teacher_form, false)};
    Database old(source_of(wish), "mogirictl import-flask");
    OldTables tables(old, wish.users_table, wish.tickets_table,
                     wish.time_zone.empty() ? event.time_zone : wish.time_zone);
    OldRows rows = judge_old_rows(event, forms, tables.users(), tables.tickets());

    Outcome outcome;
    outcome.users_without_tickets = rows.users_without_tickets;
    outcome.left_out = std::move(rows.left_out);
    name_deed(database, "import.flask");
    OldImport import(database, keys, stored.number, event);
    const std::size_t all = rows.applications.size();
    outcome.counts = import.store(rows.applications, wish.dry_run, outcome.left_out, [all](std::size_t done) {
        if (all >= long_import && isatty(STDERR_FILENO) != 0)
            std::cerr << '\r' << done << " of " << all << " applications" << (done == all ? "\n" : "");
    });
    if (!wish.dry_run) {
        Transaction transaction(database);
        import.note(ordered_by(), tables.source(), outcome.counts, outcome.left_out.size());
        note_deed(database, stored.number, "event " + wish.event,
                  Json(json_pack("{s:I, s:I, s:I, s:I, s:I}", "applications",
                                 static_cast<json_int_t>(outcome.counts.applications), "tickets",
                                 static_cast<json_int_t>(outcome.counts.tickets), "known",
                                 static_cast<json_int_t>(outcome.counts.known), "uses",
                                 static_cast<json_int_t>(outcome.counts.uses), "left_out",
                                 static_cast<json_int_t>(outcome.left_out.size()))));
        transaction.commit();
        outcome.is_published = await([&] { return import.is_published(); });
    }
    return outcome;
}

} // namespace

ExitStatus import_flask(const Configuration& configuration, const FlaskImport& wish) {
    Outcome outcome;
    try {
        outcome = carry_over(configuration, wish);
    } catch (const OldTablesError& wrong) {
        throw CommandFailure(ExitStatus::wrong, wrong.what());
    }
    print_outcome(wish, outcome);
    require_published(wish.dry_run || outcome.is_published);
    return outcome.left_out.empty() ? ExitStatus::done : ExitStatus::wrong;
}

} // namespace mogiri::daemon
