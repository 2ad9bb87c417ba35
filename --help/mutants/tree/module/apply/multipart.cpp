// A form as multipart/form-data (RFC 7578), read strictly and without files.
#include "apply/multipart.hpp"

#include <algorithm>

namespace mogiri::module {
namespace {

using Fault = UnreadableBody::Fault;

constexpr std::size_t longest_boundary = 70;
constexpr std::string_view end_of_line = "\r\n";

std::string lower(std::string_view text) {
    std::string folded(text);
    std::transform(folded.begin(), folded.end(), folded.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return folded;
}

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

// A parameter of a header's value, such as name="x"; quotes are taken off. Browsers write %22 for a quote in
// it (HTML, 4.10.21.8), so nothing is escaped.
std::optional<std::string_view> parameter(std::string_view value, std::string_view name) {
    for (auto semicolon = value.find(';'); semicolon != value.npos;) {
        value = without_blanks(value.substr(semicolon + 1));
        const auto equals = value.find('=');
        if (equals == value.npos) {
            return std::nullopt;
        }
        const bool wanted = lower(without_blanks(value.substr(0, equals))) == name;
        value = value.substr(equals + 1);
        std::string_view text;
        if (value.starts_with('"')) {
            const auto quote = value.find('"', 1);
            if (quote == value.npos) {
                return std::nullopt;
            }
            text = value.substr(1, quote - 1);
            value = value.substr(quote + 1);
        } else {
            text = without_blanks(value.substr(0, value.find(';')));
        }
        if (wanted) {
            return text;
        }
        semicolon = value.find(';');
    }
    return std::nullopt;
}

struct Part {
    std::optional<std::string> name;
    bool is_file = false;
    std::string_view content;
};

// Header lines, an empty line, the content. Nothing when there is no empty line.
std::optional<Part> read_part(std::string_view text) {
    Part part;
    while (true) {
        const auto end = text.find(end_of_line);
        if (end == text.npos) {
            return std::nullopt;
        }
        const auto line = text.substr(0, end);
        text = text.substr(end + end_of_line.size());
        if (line.empty()) {
            part.content = text;
            return part;
        }
        const auto colon = line.find(':');
        if (colon != line.npos && lower(line.substr(0, colon)) == "content-disposition") {
            if (const auto name = parameter(line, "name")) {
                part.name = *name;
            }
            part.is_file = parameter(line, "filename").has_value();
        }
    }
}

} // namespace

std::optional<std::string> boundary_of(std::string_view content_type) {
    const auto boundary = parameter(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > longest_boundary) {
        return std::nullopt;
    }
    return std::string(*boundary);
}

ReadBody read_multipart(std::string_view body, std::string_view boundary) {
    const std::string delimiter = "--" + std::string(boundary);
    const auto broken = [](std::string detail) {
        return UnreadableBody{Fault::broken_encoding, {}, std::move(detail)};
    };
    if (boundary.empty() || !body.starts_with(delimiter)) {
        return broken("the body does not begin with its boundary");
    }
    body.remove_prefix(delimiter.size());
    FormBody form;
    std::size_t fields = 0;
    while (!body.starts_with("--")) {
        const bool on_its_own_line = body.starts_with(end_of_line);
        body.remove_prefix(on_its_own_line ? end_of_line.size() : 0);
        const auto end = body.find("\r\n" + delimiter);
        if (!on_its_own_line || end == body.npos) {
            return broken("a part does not end with the boundary");
        }
        const auto part = read_part(body.substr(0, end));
        body.remove_prefix(end + end_of_line.size() + delimiter.size());
        if (!part || !part->name || !is_field_name(*part->name)) {
            return broken("a part without a field's name that can be read");
        }
        if (++fields > most_form_fields) {
            return UnreadableBody{Fault::too_many_fields, {}, "too many fields"};
        }
        if (part->is_file) {
            if (form.errors.size() < most_field_errors) {
                form.errors.push_back({*part->name, FieldFault::not_a_string});
            }
        } else if (!part->content.empty() && !form.values.emplace(*part->name, part->content).second) {
            return UnreadableBody{Fault::broken_encoding, {*part->name}, "a field is there more than once"};
        }
    }
    return form;
}

} // namespace mogiri::module
