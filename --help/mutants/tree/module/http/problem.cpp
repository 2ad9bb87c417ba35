// Problem documents, written by jansson.
#include "http/problem.hpp"

#include <array>

#include "daemon/contract/json_owner.hpp"

namespace mogiri::module {

namespace {

struct StatusText {
    int status;
    std::string_view title, code;
};

// Every status that we or nginx answer with; RFC 9110's titles.
constexpr std::array status_texts = {
    StatusText{400, "Bad Request", "bad_request"},
    StatusText{401, "Unauthorized", "unauthorized"},
    StatusText{403, "Forbidden", "forbidden"},
    StatusText{404, "Not Found", "not_found"},
    StatusText{405, "Method Not Allowed", "method_not_allowed"},
    StatusText{406, "Not Acceptable", "not_acceptable"},
    StatusText{408, "Request Timeout", "request_timeout"},
    StatusText{409, "Conflict", "conflict"},
    StatusText{410, "Gone", "gone"},
    StatusText{411, "Length Required", "length_required"},
    StatusText{412, "Precondition Failed", "precondition_failed"},
    StatusText{413, "Content Too Large", "body_too_large"},
    StatusText{414, "URI Too Long", "uri_too_long"},
    StatusText{415, "Unsupported Media Type", "unsupported_media_type"},
    StatusText{416, "Range Not Satisfiable", "range_not_satisfiable"},
    StatusText{421, "Misdirected Request", "misdirected_request"},
    StatusText{422, "Unprocessable Content", "invalid"},
    StatusText{428, "Precondition Required", "precondition_required"},
    StatusText{429, "Too Many Requests", "too_many_requests"},
    StatusText{431, "Request Header Fields Too Large", "header_too_large"},
    StatusText{500, "Internal Server Error", "failed"},
    StatusText{501, "Not Implemented", "not_implemented"},
    StatusText{502, "Bad Gateway", "bad_gateway"},
    StatusText{503, "Service Unavailable", "unavailable"},
    StatusText{504, "Gateway Timeout", "gateway_timeout"},
    StatusText{505, "HTTP Version Not Supported", "http_version_not_supported"},
};

const StatusText& text_of(int status) {
    for (const StatusText& text : status_texts) {
        if (text.status == status) {
            return text;
        }
    }
    static constexpr StatusText client{400, "Bad Request", "bad_request"};
    static constexpr StatusText server{500, "Internal Server Error", "failed"};
    return status < 500 ? client : server;
}

} // namespace

std::string_view status_title(int status) {
    return text_of(status).title;
}

std::string_view status_code(int status) {
    return text_of(status).code;
}

std::string problem_json(const Problem& problem) {
    const Json json(json_object());
    json_object_set_new(json.get(), "type", json_string("about:blank"));
    json_object_set_new(json.get(), "title", json_of(status_title(problem.status)));
    json_object_set_new(json.get(), "status", json_integer(problem.status));
    json_object_set_new(json.get(), "code",
                        json_of(problem.code.empty() ? status_code(problem.status) : problem.code));
    if (!problem.detail.empty()) {
        json_object_set_new(json.get(), "detail", json_of(problem.detail));
    }
    for (const auto& [name, value] : problem.members) {
        json_object_set_new(json.get(), name.c_str(), json_of(value));
    }
    if (!problem.errors.empty()) {
        json_t* errors = json_array();
        for (const ProblemField& error : problem.errors) {
            json_t* entry = json_object();
            json_object_set_new(entry, "field", json_of(error.field));
            json_object_set_new(entry, "code", json_of(error.code));
            json_object_set_new(entry, "message", json_of(error.message));
            json_array_append_new(errors, entry);
        }
        json_object_set_new(json.get(), "errors", errors);
    }
    return json_text(json.get());
}

} // namespace mogiri::module
