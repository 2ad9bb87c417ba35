// Owners and readers for jansson values.
#pragma once

#include <jansson.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mogiri {

struct JsonRelease {
    void operator()(json_t* value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, JsonRelease>;

// Throws std::invalid_argument; doubled keys are refused.
inline Json parse_json(std::string_view text) {
    json_error_t error;
    Json value(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
    if (!value)
        throw std::invalid_argument("broken JSON: " + std::string(error.text));
    return value;
}

// Compact, with sorted keys: one spelling for each value.
inline std::string json_text(const json_t* value) {
    std::unique_ptr<char, decltype([](char* text) { free(text); })> text(
        json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY));
    if (!text)
        throw std::invalid_argument("not to be written as JSON");
    return text.get();
}

inline json_t* json_of(std::string_view text) {
    return json_stringn(text.data(), text.size());
}

inline std::string_view text_of(const json_t* value) {
    if (!json_is_string(value))
        return {};
    return {json_string_value(value), json_string_length(value)};
}

} // namespace mogiri
