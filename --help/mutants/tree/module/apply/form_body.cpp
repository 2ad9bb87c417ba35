// Reads urlencoded forms and JSON objects strictly: what is ambiguous is refused, never guessed.
#include "apply/form_body.hpp"

#include <algorithm>

#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/plain_text.hpp"

namespace mogiri::module {
namespace {

using Fault = UnreadableBody::Fault;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

constexpr std::string_view replacement = "\xef\xbf\xbd"; // U+FFFD

// With a replacement character for every byte that is part of no character.
std::string repaired(std::string_view text) {
    std::string whole;
    while (!text.empty()) {
        std::size_t size = 1;
        while (size <= 4 && !is_valid_utf8(text.substr(0, size))) {
            ++size;
        }
        whole += size <= 4 ? text.substr(0, size) : replacement;
        text.remove_prefix(size <= 4 ? size : 1);
    }
    return whole;
}

// The names of an object's texts that are no UTF-8.
std::vector<std::string> fields_with_broken_text(std::string_view body) {
    std::vector<std::string> fields;
    const std::string text = repaired(body);
    const Json document(
        json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, nullptr));
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(document.get(), name, value) {
        if (text_of(value).find(replacement) != std::string_view::npos && is_field_name(name) &&
            fields.size() < most_field_errors) {
            fields.emplace_back(name);
        }
    }
    return fields;
}

std::string_view cut(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const auto piece = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return piece;
}

} // namespace

bool is_field_name(std::string_view name) {
    return !name.empty() && name.size() <= 100 && is_valid_utf8(name) &&
           std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<std::string> FormBody::take(std::string_view name) {
    const auto found = values.find(name);
    if (found == values.end()) {
        return std::nullopt;
    }
    return std::move(values.extract(found).mapped());
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            decoded += static_cast<char>(high << 4 | low);
            i += 2;
        }
    }
    return decoded;
}

std::string media_type(std::string_view content_type) {
    auto type = content_type.substr(0, content_type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) {
        type.remove_suffix(1);
    }
    std::string lower(type);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
}

ReadBody read_urlencoded(std::string_view body) {
    FormBody form;
    std::size_t fields = 0;
    while (!body.empty()) {
        auto pair = cut(body, '&');
        if (pair.empty()) {
            continue;
        }
        if (++fields > most_form_fields) {
            return UnreadableBody{Fault::too_many_fields, {}, "too many fields"};
        }
        const auto name = percent_decoded(cut(pair, '='));
        if (!name || !is_field_name(*name)) {
            return UnreadableBody{Fault::broken_encoding, {}, "a field's name cannot be read"};
        }
        auto value = percent_decoded(pair);
        if (!value) {
            return UnreadableBody{Fault::broken_encoding, {*name}, "a percent sign without two hex digits"};
        }
        if (value->empty()) {
            continue;
        }
        if (!form.values.emplace(*name, std::move(*value)).second) {
            return UnreadableBody{Fault::broken_encoding, {*name}, "a field is there more than once"};
        }
    }
    return form;
}

ReadBody read_json(std::string_view body) {
    if (!is_valid_utf8(body)) {
        return UnreadableBody{Fault::broken_encoding, fields_with_broken_text(body), "JSON must be UTF-8"};
    }
    json_error_t error;
    const Json document(json_loadb(body.data(), body.size(),
                                   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error));
    if (!document) {
        // jansson's own text would repeat what was sent.
        if (body.empty()) {
            return UnreadableBody{Fault::broken_json, {}, "the body is empty"};
        }
        return UnreadableBody{Fault::broken_json,
                              {},
                              "line " + std::to_string(error.line) + ", column " +
                                  std::to_string(error.column)};
    }
    if (!json_is_object(document.get())) {
        return UnreadableBody{Fault::broken_json, {}, "the body must be one JSON object"};
    }
    if (json_object_size(document.get()) > most_form_fields) {
        return UnreadableBody{Fault::too_many_fields, {}, "too many fields"};
    }
    FormBody form;
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(document.get(), name, value) {
        if (!is_field_name(name)) {
            return UnreadableBody{Fault::broken_encoding, {}, "a field's name cannot be read"};
        }
        if (json_is_string(value)) {
            form.values.emplace(name, std::string(json_string_value(value), json_string_length(value)));
        } else if (form.errors.size() < most_field_errors) {
            form.errors.push_back({name, FieldFault::not_a_string});
        }
    }
    return form;
}

} // namespace mogiri::module
