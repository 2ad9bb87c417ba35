// What an applicant sends, as one map of values by field name: a browser's form or a program's JSON.
//
// Only the notation is judged here; the values are judged by check_form(). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/contract/form.hpp"

namespace mogiri::module {

inline constexpr std::size_t most_form_fields = 4000;

// Why a body cannot be read at all; a field that comes twice is broken encoding too.
struct UnreadableBody {
    enum class Fault { broken_encoding, broken_json, too_many_fields };

    Fault fault;
    std::vector<std::string> fields; // where the fault is, if that can be said
    std::string detail;              // in English, for programmers; never a value
};

struct FormBody {
    FormValues values;
    std::vector<FieldError> errors; // values that are no strings; they are not in `values`

    // Takes a field out of the values: those that are ours and not the form's, such as "token".
    std::optional<std::string> take(std::string_view name);
};

using ReadBody = std::variant<FormBody, UnreadableBody>;

// application/x-www-form-urlencoded. Browsers send every field: one that is empty counts as not there.
ReadBody read_urlencoded(std::string_view body);

// One JSON object whose values are strings.
ReadBody read_json(std::string_view body);

// Whether a field's name may be repeated to the sender and stand in a log.
bool is_field_name(std::string_view name);

// "+" and percent signs decoded; nothing when an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text);

// The media type of a Content-Type header, lower case, without its parameters.
std::string media_type(std::string_view content_type);

} // namespace mogiri::module
