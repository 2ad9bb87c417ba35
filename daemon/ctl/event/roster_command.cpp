// `mogirictl roster …`: who may apply with a form whose roster is a list.
#include "ctl/event/roster_command.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/event_ledger.hpp"
#include "ledger/roster_ledger.hpp"
#include "roster_file.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::size_t long_import = 5000; // entries

struct FormInLedger {
    std::uint32_t event = 0;
    Form form;
};

FormInLedger form_with_list(Database& database, const std::string& slug, const std::string& id) {
    const StoredEvent event = EventLedger(database).stored(slug);
    const EventSettings settings = EventSettings::from_json(event.definition.get());
    const Form* form = settings.form(id);
    if (!form)
        throw CommandFailure(ExitStatus::wrong, "event " + slug + " has no form \"" + id +
                                                    "\"; mogirictl event show tells which it has");
    if (!form->roster || !form->roster->list)
        throw CommandFailure(ExitStatus::wrong, "form " + id + " has no roster by list; give it one with " +
                                                    "[form.roster] list = true (mogirictl event apply)");
    return {event.number, *form};
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in || in.bad())
        throw CommandFailure(ExitStatus::input, path + ": cannot be read: name a file that you may read");
    return text;
}

RosterFile roster_in(const RosterImport& wish, const Form& form) {
    try {
        return read_roster_file(read_file(wish.file), form);
    } catch (const RosterFileError& error) {
        throw CommandFailure(ExitStatus::input, error.what());
    }
}

void report_bad(const RosterImport& wish, const std::vector<BadRow>& rows) {
    for (const BadRow& row : rows)
        std::cerr << wish.file << ':' << row.line << ": " << row.column
                  << (row.value.empty() ? "" : " = " + row.value) << (row.column.empty() ? "the row " : ": ")
                  << row.remedy << '\n';
}

void print_import(const RosterImport& wish, const RosterFile& file, const RosterChange& change,
                  bool imported) {
    Json bad(json_array());
    for (const BadRow& row : file.bad)
        json_array_append_new(bad.get(),
                              json_pack("{s:I, s:s, s:s, s:s}", "line", static_cast<json_int_t>(row.line),
                                        "column", row.column.c_str(), "value", row.value.c_str(), "remedy",
                                        row.remedy.c_str()));
    print(Json(json_pack("{s:b, s:b, s:I, s:I, s:I, s:I, s:o}", "dry_run", wish.dry_run, "imported", imported,
                         "added", static_cast<json_int_t>(change.added), "changed",
                         static_cast<json_int_t>(change.changed), "unchanged",
                         static_cast<json_int_t>(change.unchanged), "absent",
                         static_cast<json_int_t>(change.absent), "bad", bad.release())));
}

} // namespace

ExitStatus import_roster(const Configuration& configuration, const RosterImport& wish) {
    Database database = open_ledger(configuration);
    const FormInLedger form = form_with_list(database, wish.event, wish.form);
    const RosterFile file = roster_in(wish, form.form);
    const bool is_refused = !file.bad.empty() && !wish.skip_bad;
    RosterChange change;
    name_deed(database, "roster.import");
    if (!is_refused) {
        Transaction transaction(database);
        change = RosterLedger(database).store(
            form.event, wish.form, file.entries, wish.dry_run, [&](std::size_t done) {
                if (file.entries.size() >= long_import && isatty(STDERR_FILENO) != 0)
                    std::cerr << '\r' << done << " of " << file.entries.size()
                              << (done == file.entries.size() ? "\n" : "");
            });
        if (!wish.dry_run) {
            note_deed(database, form.event, "roster " + wish.form,
                      Json(json_pack("{s:I, s:I, s:I}", "added", static_cast<json_int_t>(change.added),
                                     "changed", static_cast<json_int_t>(change.changed), "unchanged",
                                     static_cast<json_int_t>(change.unchanged))));
            transaction.commit();
        }
    }
    if (wish.json)
        print_import(wish, file, change, !is_refused && !wish.dry_run);
    else {
        report_bad(wish, file.bad);
        if (is_refused)
            std::cerr << "mogirictl: " << file.bad.size()
                      << " bad rows; nothing was imported (--skip-bad imports the others)\n";
        else
            std::cout << (wish.dry_run ? "would be " : "") << "added " << change.added << ", changed "
                      << change.changed << ", unchanged " << change.unchanged << ", left out "
                      << file.bad.size() << "; not in the file, and kept: " << change.absent << '\n';
    }
    return is_refused ? ExitStatus::input : ExitStatus::done;
}

void list_roster(const Configuration& configuration, const RosterFilter& filter) {
    Database database = open_ledger(configuration);
    const FormInLedger form = form_with_list(database, filter.event, filter.form);
    Json list(json_array());
    for (const RosterEntry& entry :
         RosterLedger(database).list(form.event, filter.form, filter.class_name, filter.limit)) {
        if (!filter.json) {
            std::cout << entry.id << "  " << entry.class_name;
            if (filter.personal)
                std::cout << "  " << entry.name << "  " << entry.address;
            std::cout << '\n';
            continue;
        }
        Json about(json_pack("{s:s, s:s, s:b}", "id", entry.id.c_str(), "class", entry.class_name.c_str(),
                             "has_address", !entry.address.empty()));
        if (filter.personal) {
            json_object_set_new(about.get(), "name", json_of(entry.name));
            json_object_set_new(about.get(), "address", json_of(entry.address));
        }
        json_array_append_new(list.get(), about.release());
    }
    if (filter.json)
        print(list);
}

void clear_roster(const Configuration& configuration, const RosterFilter& filter) {
    Database database = open_ledger(configuration);
    const FormInLedger form = form_with_list(database, filter.event, filter.form);
    name_deed(database, "roster.clear");
    Transaction transaction(database);
    const std::int64_t removed = RosterLedger(database).clear(form.event, filter.form);
    note_deed(database, form.event, "roster " + filter.form,
              Json(json_pack("{s:I}", "removed", static_cast<json_int_t>(removed))));
    transaction.commit();
    if (filter.json)
        print(Json(json_pack("{s:I}", "removed", static_cast<json_int_t>(removed))));
    else
        std::cout << removed << " entries removed\n";
}

} // namespace mogiri::daemon
