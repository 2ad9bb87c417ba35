// A request of the API as the daemon is asked for it.
#include "api/order.hpp"

#include <algorithm>

#include "api/negotiation.hpp"
#include "apply/form_body.hpp"
#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/plain_text.hpp"
#include "daemon/contract/sealed.hpp"

namespace mogiri::module {

namespace {

constexpr const char* secrets[] = {"password", "new_password", "token", "code"};

std::string_view take_segment(std::string_view& path) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    return segment;
}

// Precondition: the path fits the pattern.
json_t* places(std::string_view pattern, std::string_view path) {
    json_t* found = json_object();
    while (!pattern.empty()) {
        const std::string_view name = take_segment(pattern), value = take_segment(path);
        if (name.starts_with('{')) {
            json_object_set_new(found, std::string(name.substr(1, name.size() - 2)).c_str(), json_of(value));
        }
    }
    return found;
}

Problem bad(std::string code, std::string detail) {
    return {.status = 400, .code = std::move(code), .detail = std::move(detail)};
}

} // namespace

std::variant<std::string, Problem> api_arguments(const ApiRequest& request, const MasterKeys& keys) {
    const Json arguments(json_object());
    if (!is_valid_utf8(request.path)) {
        return Problem{.status = 404};
    }
    if (request.pattern.find('{') != request.pattern.npos) {
        json_object_set_new(arguments.get(), "path", places(request.pattern, request.path));
    }
    if (!request.query.empty()) {
        auto read = read_urlencoded(request.query);
        const auto* query = std::get_if<FormBody>(&read);
        if (query == nullptr) {
            return bad("broken_encoding", std::get<UnreadableBody>(read).detail);
        }
        json_t* values = json_object();
        json_object_set_new(arguments.get(), "query", values);
        for (const auto& [name, value] : query->values) {
            if (!is_valid_utf8(name) || !is_valid_utf8(value) || name.find('\0') != name.npos ||
                value.find('\0') != value.npos) {
                return bad("broken_encoding", "the query is not UTF-8");
            }
            json_object_set_new(values, name.c_str(), json_of(value));
        }
    }
    if (request.toml) {
        if (!is_valid_utf8(request.body) || request.body.find('\0') != request.body.npos) {
            return bad("broken_encoding", "the body is not UTF-8");
        }
        json_object_set_new(arguments.get(), "toml", json_of(request.body));
    } else if (!request.body.empty()) {
        Json body;
        try {
            body = parse_json(request.body);
        } catch (const std::invalid_argument& broken) {
            return bad("broken_json", broken.what());
        }
        if (!json_is_object(body.get())) {
            return bad("broken_json", "the body is no JSON object");
        }
        for (const char* name : secrets) {
            if (const json_t* secret = json_object_get(body.get(), name)) {
                const Json sealed(json_object());
                json_object_set_new(sealed.get(), "sealed", json_of(seal(keys, name, text_of(secret))));
                json_object_set(body.get(), name, sealed.get());
            }
        }
        json_object_set(arguments.get(), "body", body.get());
    }
    if (request.if_match) {
        const std::string_view version = version_in(*request.if_match);
        if (!is_valid_utf8(version)) {
            return bad("bad_request", "If-Match is no ETag");
        }
        json_object_set_new(arguments.get(), "if_match", json_of(version));
    }
    if (!request.session.empty()) {
        json_object_set_new(arguments.get(), "session", json_of(request.session));
    }
    if (!request.new_session.empty()) {
        json_object_set_new(arguments.get(), "new_session", json_of(request.new_session));
    }
    if (!request.new_secret.empty()) {
        json_object_set_new(arguments.get(), "new_secret", json_of(request.new_secret));
    }
    return json_text(arguments.get());
}

} // namespace mogiri::module
