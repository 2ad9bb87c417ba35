// What a call of the API asks for, read member by member.
#include "ask.hpp"

#include <algorithm>
#include <charconv>

#include <plain_text.hpp>
#include <sealed.hpp>

namespace mogiri::daemon {

Ask::Ask(const CallTools& tools, const json_t* arguments)
    : tools_(tools), arguments_(arguments), body_(json_object_get(arguments, "body")) {}

const json_t* Ask::value(const char* name) {
    read_.insert(name);
    return json_object_get(body_, name);
}

std::optional<std::string> Ask::maybe_text(const char* name, std::size_t longest) {
    const json_t* found = value(name);
    if (!found)
        return std::nullopt;
    const std::string_view text = text_of(found);
    if (!json_is_string(found))
        wrong(name, "not_a_string");
    else if (has_control_character(text))
        wrong(name, "control_character");
    else if (text.size() > longest)
        wrong(name, "too_long");
    else if (is_invisible(text))
        wrong(name, "missing");
    else
        return std::string(text);
    return std::nullopt;
}

std::string Ask::text(const char* name, std::size_t longest) {
    if (!value(name))
        wrong(name, "missing");
    return maybe_text(name, longest).value_or("");
}

std::string Ask::choice(const char* name, std::initializer_list<std::string_view> choices) {
    std::string chosen = text(name);
    if (!chosen.empty() && std::ranges::count(choices, std::string_view(chosen)) == 0)
        wrong(name, "not_in_list");
    return chosen;
}

std::optional<bool> Ask::maybe_truth(const char* name) {
    const json_t* found = value(name);
    if (!found)
        return std::nullopt;
    if (!json_is_boolean(found))
        wrong(name, "invalid_format");
    return json_is_true(found);
}

std::optional<std::int64_t> Ask::maybe_number(const char* name, std::int64_t least, std::int64_t most) {
    const json_t* found = value(name);
    if (!found)
        return std::nullopt;
    if (!json_is_integer(found)) {
        wrong(name, "invalid_format");
        return std::nullopt;
    }
    if (json_integer_value(found) < least || json_integer_value(found) > most)
        wrong(name, "out_of_range");
    return json_integer_value(found);
}

std::vector<std::string> Ask::texts(const char* name) {
    const json_t* found = value(name);
    std::vector<std::string> list;
    if (!json_is_array(found) || json_array_size(found) > 100) {
        wrong(name, found ? "invalid_format" : "missing");
        return list;
    }
    std::size_t index = 0;
    const json_t* one = nullptr;
    json_array_foreach(found, index, one) {
        if (!json_is_string(one) || has_control_character(text_of(one)) || text_of(one).size() > 200)
            wrong(name, "invalid_format");
        else
            list.emplace_back(text_of(one));
    }
    return list;
}

std::string Ask::secret(const char* name) {
    const json_t* sealed = value(name);
    auto secret = unseal(tools_.office.keys(), name, text_of(json_object_get(sealed, "sealed")));
    if (secret && secret->empty())
        secret.reset();
    if (!secret)
        wrong(name, sealed ? "not_a_string" : "missing");
    return secret.value_or("");
}

std::string_view Ask::path(const char* name) const {
    return text_of(json_object_get(json_object_get(arguments_, "path"), name));
}

std::int64_t Ask::path_number(const char* name) const {
    const std::string_view digits = path(name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc{} && end == digits.data() + digits.size() && number > 0 ? number : 0;
}

const json_t* Ask::query() const {
    return json_object_get(arguments_, "query");
}

std::optional<CallResult> Ask::unless_seen(std::int64_t version) const {
    const json_t* seen = json_object_get(arguments_, "if_match");
    if (!seen)
        return refusal(428, "missing_if_match");
    if (text_of(seen) != std::to_string(version) && text_of(seen) != "*")
        return refusal(412, "changed_meanwhile");
    return std::nullopt;
}

std::optional<CallResult> Ask::fault() {
    const char* name = nullptr;
    json_t* ignored = nullptr;
    json_object_foreach(const_cast<json_t*>(body_), name, ignored) {
        if (!read_.contains(name))
            wrong(name, "unknown_field");
    }
    if (faults_.empty())
        return std::nullopt;
    return invalid(faults_);
}

CallResult invalid(const std::vector<std::pair<std::string, std::string>>& faults) {
    const Json body(json_pack("{s:s}", "code", "invalid"));
    json_t* errors = json_array();
    json_object_set_new(body.get(), "errors", errors);
    for (const auto& [field, code] : faults) {
        json_t* one = json_object();
        json_array_append_new(errors, one);
        json_object_set_new(one, "field", json_of(field));
        json_object_set_new(one, "code", json_of(code));
    }
    return {422, json_text(body.get())};
}

CallResult invalid(std::string_view field, std::string_view code) {
    return invalid({{std::string(field), std::string(code)}});
}

} // namespace mogiri::daemon
