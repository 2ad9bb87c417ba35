// Rosters by list, as admins import them.
#include "roster_verbs.hpp"

#include <algorithm>

#include "../people/accounts.hpp"
#include "../roster_file.hpp"
#include "ask.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::size_t most_told = 500;                // bad rows
constexpr std::size_t longest_file = 4 * 1024 * 1024; // bytes

// Null unless the form of the path has a roster by list.
const Form* form_with_list(CallTools& tools, const Call& call, const Ask& ask) {
    const BookedEvent* event = tools.book.find(call.event);
    const Form* form = event ? event->settings.form(std::string(ask.path("form"))) : nullptr;
    return form && form->roster && form->roster->list ? form : nullptr;
}

std::string csv_in(Ask& ask) {
    const json_t* csv = ask.value("csv");
    if (!json_is_string(csv))
        ask.wrong("csv", csv ? "not_a_string" : "missing");
    else if (text_of(csv).size() > longest_file)
        ask.wrong("csv", "too_long");
    return std::string(text_of(csv));
}

CallResult no_roster(const RosterFileError& error) {
    return {422, json_text(Json(json_pack("{s:s, s:[{s:s, s:s, s:o}]}", "code", "invalid", "errors", "field",
                                          "csv", "code", "invalid_format", "message", json_of(error.what())))
                               .get())};
}

Json report(const RosterFile& file, const RosterChange& change) {
    Json told(json_pack("{s:I, s:I, s:I, s:I, s:I}", "added", static_cast<json_int_t>(change.added),
                        "changed", static_cast<json_int_t>(change.changed), "unchanged",
                        static_cast<json_int_t>(change.unchanged), "absent",
                        static_cast<json_int_t>(change.absent), "left_out",
                        static_cast<json_int_t>(file.bad.size())));
    json_t* bad = json_array();
    json_object_set_new(told.get(), "bad", bad);
    for (std::size_t i = 0; i < std::min(file.bad.size(), most_told); ++i) {
        const BadRow& row = file.bad[i];
        json_array_append_new(bad, json_pack("{s:I, s:o, s:o, s:o}", "line",
                                             static_cast<json_int_t>(row.line), "column", json_of(row.column),
                                             "value", json_of(row.value), "remedy", json_of(row.remedy)));
    }
    return told;
}

// In the audit log as mogirictl's are.
void note(CallTools& tools, const Call& call, std::string_view verb, const Form& form, const Json& amounts) {
    act_as(tools.database, call.actor, call.origin, verb);
    tools.database.query(
        "INSERT INTO audit (actor, origin, verb, event, subject, after) VALUES ($1, $2, $3, $4, "
        "$5, $6::jsonb)",
        {call.actor, call.origin, verb, call.event, "roster " + form.id, json_text(amounts.get())});
}

CallResult import(CallTools& tools, const Call& call, const json_t* arguments, bool dry_run) {
    Ask ask(tools, arguments);
    const std::string csv = csv_in(ask);
    const bool skip_bad = ask.maybe_truth("skip_bad").value_or(false) || dry_run;
    if (auto fault = ask.fault())
        return *std::move(fault);
    const Form* form = form_with_list(tools, call, ask);
    if (!form)
        return refusal(404, "not_found");
    try {
        const RosterFile file = read_roster_file(csv, *form);
        if (!file.bad.empty() && !skip_bad)
            return invalid("csv", "invalid_format");
        const RosterChange change =
            RosterLedger(tools.database).store(call.event, form->id, file.entries, dry_run, [](std::size_t) {
            });
        if (!dry_run)
            note(tools, call, "roster.import", *form,
                 Json(json_pack("{s:I, s:I, s:I}", "added", static_cast<json_int_t>(change.added), "changed",
                                static_cast<json_int_t>(change.changed), "unchanged",
                                static_cast<json_int_t>(change.unchanged))));
        return {200, json_text(report(file, change).get())};
    } catch (const RosterFileError& error) {
        return no_roster(error);
    }
}

} // namespace

CallResult show_roster(CallTools& tools, const Call& call, const json_t* arguments) {
    const Form* form = form_with_list(tools, call, Ask(tools, arguments));
    if (!form)
        return refusal(404, "not_found");
    return {200,
            tools.database
                .query("SELECT jsonb_build_object('entries', coalesce(sum(entries), 0), 'imported_at', "
                       "iso(max(latest)), 'classes', coalesce(jsonb_agg(jsonb_build_object('class', class, "
                       "'entries', entries) ORDER BY class), '[]')) FROM (SELECT class, count(*) AS entries, "
                       "max(imported_at) AS latest FROM roster_entry WHERE event = $1 AND form = $2 GROUP BY "
                       "class) AS of_class",
                       {call.event, form->id})[0]
                .string(0)};
}

CallResult check_roster(CallTools& tools, const Call& call, const json_t* arguments) {
    return import(tools, call, arguments, true);
}

CallResult import_roster(CallTools& tools, const Call& call, const json_t* arguments) {
    return import(tools, call, arguments, false);
}

CallResult clear_roster(CallTools& tools, const Call& call, const json_t* arguments) {
    const Form* form = form_with_list(tools, call, Ask(tools, arguments));
    if (!form)
        return refusal(404, "not_found");
    const std::int64_t removed = RosterLedger(tools.database).clear(call.event, form->id);
    const Json told(json_pack("{s:I}", "removed", static_cast<json_int_t>(removed)));
    note(tools, call, "roster.clear", *form, told);
    return {200, json_text(told.get())};
}

} // namespace mogiri::daemon
