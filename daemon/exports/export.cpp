// One export: what is wanted, how many rows that is, and its bytes as they are made.
#include "export.hpp"

#include <algorithm>
#include <array>

#include <json_owner.hpp>

#include "csv.hpp"
#include "door_list.hpp"
#include "sqlite_file.hpp"

namespace mogiri::daemon {

namespace {

struct Format {
    std::string_view name, content_type;
};
constexpr std::array formats = {
    Format{"csv", "text/csv; charset=utf-8"}, Format{"jsonl", "application/jsonl; charset=utf-8"},
    Format{"sqlite", "application/vnd.sqlite3"}, Format{"pdf", "application/pdf"}};

const ExportSubject& subject_of(const ExportWish& wish) {
    const ExportSubject* subject = find_export_subject(wish.subject);
    if (!subject)
        throw ExportFault("subject", "not_in_list");
    return *subject;
}

bool offers(std::string_view list, std::string_view name) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(' '), list.size());
        if (list.substr(0, end) == name)
            return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

std::string usual_format(const ExportSubject& subject) {
    return std::string(subject.formats.substr(0, subject.formats.find(' ')));
}

// Bytes for a sink in pieces that are worth its while.
class Pieces {
  public:
    explicit Pieces(ExportSink& sink) : sink_(sink) {}
    std::string& text() { return text_; }
    void row_done() {
        ++rows_;
        if (text_.size() < 120 * 1024)
            return;
        sink_.progress(rows_);
        flush();
    }
    void flush() {
        if (!text_.empty())
            sink_.write(text_);
        text_.clear();
    }

  private:
    ExportSink& sink_;
    std::string text_;
    std::int64_t rows_ = 0;
};

// A SELECT that gives a cell for each field of an event's forms, as ", … AS …, …".
std::string field_cells(Database& database, std::uint32_t event) {
    return database
        .query("SELECT coalesce(string_agg(format(', row.fields ->> %L AS %I', name, 'field_' || name), '' "
               "ORDER BY "
               "place), '') FROM (SELECT field ->> 'name' AS name, min(form * 1000 + n) AS place FROM event, "
               "jsonb_array_elements(definition -> 'form') WITH ORDINALITY AS forms (one, form), "
               "jsonb_array_elements(one -> 'field') WITH ORDINALITY AS fields (field, n) "
               "WHERE number = $1 AND field ->> 'type' <> 'guests' GROUP BY 1) AS fields",
               {event})[0]
        .string(0);
}

} // namespace

Export::Export(const std::string& conninfo, ExportWish wish)
    : wish_(std::move(wish)), subject_(subject_of(wish_)), snapshot_(conninfo) {
    if (wish_.format.empty())
        wish_.format = usual_format(subject_);
    if (!offers(subject_.formats, wish_.format))
        throw ExportFault("format", "not_in_list");
    if (wish_.day != 0 && wish_.subject != "door-list")
        throw ExportFault("day", "unknown_field");
    Database& database = snapshot_.database();
    if (!subject_.of_event)
        wish_.event = 0;
    else if (const Result events = database.query("SELECT slug FROM event WHERE number = $1", {wish_.event});
             events.empty())
        throw ExportFault("event", "not_in_list");
    else
        slug_ = events[0].string(0);
    if (wish_.day != 0 && !has_day(database, wish_.event, wish_.day))
        throw ExportFault("day", "not_in_list");
    rows_ = wish_.format == "sqlite" ? count_all_rows(database) : count(rows_of(subject_));
}

std::string_view Export::content_type() const {
    return std::ranges::find(formats, wish_.format, &Format::name)->content_type;
}

std::string Export::file_name() const {
    return (slug_.empty() ? "mogiri" : slug_) + "-" + wish_.subject +
           (wish_.day != 0 ? "-day" + std::to_string(wish_.day) : "") + "." + wish_.format;
}

void Export::note(Database& database) const {
    const Json after(json_object());
    json_object_set_new(after.get(), "format", json_of(wish_.format));
    json_object_set_new(after.get(), "rows", json_integer(rows_));
    if (wish_.day != 0)
        json_object_set_new(after.get(), "day", json_integer(wish_.day));
    database.query(
        "INSERT INTO audit (actor, origin, verb, event, subject, after) VALUES "
        "(current_setting('mogiri.actor'), coalesce(current_setting('mogiri.origin', true), ''), "
        "$1, nullif($2::integer, 0), $3, $4::jsonb)",
        {"export." + wish_.subject, wish_.event, "export " + wish_.subject, json_text(after.get())});
}

void Export::run(ExportSink& sink) {
    if (wish_.format == "pdf")
        write_door_list(snapshot_, rows_of(subject_), wish_.event, wish_.day, sink);
    else if (wish_.format == "sqlite")
        write_sqlite_file(snapshot_, sink);
    else if (wish_.format == "jsonl")
        write_lines(sink);
    else
        write_cells(sink);
}

std::string Export::rows_of(const ExportSubject& subject) const {
    return "SELECT * FROM (" + std::string(subject.rows) + ") AS row" +
           (wish_.day != 0 ? " WHERE row.day = " + std::to_string(wish_.day) : "");
}

std::int64_t Export::count(const std::string& select) {
    return snapshot_.database()
        .query(("SELECT count(*) FROM (" + select + ") AS counted").c_str(), {wish_.event})[0]
        .number(0);
}

void Export::write_lines(ExportSink& sink) {
    Pieces pieces(sink);
    snapshot_.each(
        "SELECT row_to_json(row) FROM (" + rows_of(subject_) + ") AS row ORDER BY " +
            in_name_order(snapshot_.database(), subject_.order),
        {wish_.event}, [](const Snapshot::Names&) {},
        [&](Row row) {
            pieces.text().append(row.text(0)) += '\n';
            pieces.row_done();
        });
    pieces.flush();
}

void Export::write_cells(ExportSink& sink) {
    Pieces pieces(sink);
    std::size_t cells = 0;
    const std::string fields = subject_.has_fields ? field_cells(snapshot_.database(), wish_.event) : "";
    snapshot_.each(
        "SELECT " + std::string(subject_.cells) + fields + " FROM (" + rows_of(subject_) +
            ") AS row ORDER BY " + in_name_order(snapshot_.database(), subject_.order),
        {wish_.event},
        [&](const Snapshot::Names& names) {
            cells = names.size();
            pieces.text() = csv_beginning;
            std::string head;
            for (const std::string& name : names)
                add_csv_cell(head, name);
            end_csv_line(head);
            pieces.text() += head;
        },
        [&](Row row) {
            for (std::size_t cell = 0; cell < cells; ++cell)
                add_csv_cell(pieces.text(), row.text(static_cast<int>(cell)));
            end_csv_line(pieces.text());
            pieces.row_done();
        });
    pieces.flush();
}

} // namespace mogiri::daemon
