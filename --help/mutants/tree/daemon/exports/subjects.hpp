// What can be exported: one table of subjects, each with its SELECT and its formats.
#pragma once

#include <span>
#include <string_view>

namespace mogiri::daemon {

// $1 is the event's number. The columns of `rows` are the members of a line of JSON; they come in `order`.
struct ExportSubject {
    std::string_view name;    // "door-list"
    std::string_view formats; // "csv jsonl"; the first one is the usual one
    std::string_view about;
    bool of_event = true; // false: of all events
    std::string_view rows = {};
    std::string_view order = {}; // {name_order}: how names are sorted here
    // The columns of CSV, of `row`, where nested ones are told otherwise.
    std::string_view cells = "row.*";
    bool has_fields = false; // a cell "field_<name>" for each field of the event's forms follows
};

std::span<const ExportSubject> export_subjects();
// Null when there is none of that name.
const ExportSubject* find_export_subject(std::string_view name);

} // namespace mogiri::daemon
