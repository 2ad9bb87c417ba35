// Writes an event file: what a person would write as an inline table stays on its line.
#include "event_file_text.hpp"

#include <sstream>
#include <string_view>

#include <jansson.h>
#include <toml++/toml.h>

namespace mogiri::daemon {

namespace {

toml::array array_of(const json_t* list, bool in_line);

// `in_line`: the table stands within something that is written on one line. A text in both languages always
// does.
toml::table table_of(const json_t* object, bool in_line) {
    toml::table table;
    const bool is_localized =
        json_object_size(object) == 2 && json_object_get(object, "ja") && json_object_get(object, "en");
    table.is_inline(in_line || is_localized);
    const char* key;
    json_t* value;
    json_object_foreach(const_cast<json_t*>(object), key, value) {
        const std::string name = key;
        switch (json_typeof(value)) {
        case JSON_OBJECT:
            table.insert(name, table_of(value, table.is_inline()));
            break;
        case JSON_ARRAY:
            table.insert(name, array_of(value, table.is_inline() || name == "choices"));
            break;
        case JSON_STRING:
            table.insert(name, std::string(json_string_value(value), json_string_length(value)));
            break;
        case JSON_INTEGER:
            table.insert(name, static_cast<std::int64_t>(json_integer_value(value)));
            break;
        case JSON_REAL:
            table.insert(name, json_real_value(value));
            break;
        case JSON_TRUE:
        case JSON_FALSE:
            table.insert(name, json_is_true(value));
            break;
        case JSON_NULL:
            break;
        }
    }
    return table;
}

// Lists of a definition hold tables or texts.
toml::array array_of(const json_t* list, bool in_line) {
    toml::array array;
    std::size_t index;
    json_t* value;
    json_array_foreach(list, index, value) {
        if (json_is_object(value))
            array.push_back(table_of(value, in_line));
        else if (json_is_integer(value))
            array.push_back(static_cast<std::int64_t>(json_integer_value(value)));
        else
            array.push_back(std::string(json_string_value(value), json_string_length(value)));
    }
    return array;
}

} // namespace

std::string event_file_text(const json_t* definition) {
    std::ostringstream text;
    text << toml::toml_formatter(table_of(definition, false)) << '\n';
    return text.str();
}

} // namespace mogiri::daemon
