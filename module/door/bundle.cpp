// Has the daemon make the bundle, and sends what it left in Redis; the version is the ETag.
#include "door/bundle.hpp"

#include "calls/answer.hpp"
#include "daemon/contract/json_owner.hpp"
#include "door/scanner.hpp"
#include "http/reply.hpp"

namespace mogiri::module {

namespace {

constexpr std::size_t longest_version = 100;

// Behind "W/" and in quotes, or whatever it is.
std::string_view version_of(std::string_view etag) {
    if (etag.starts_with("W/")) {
        etag.remove_prefix(2);
    }
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    return etag.size() > longest_version ? std::string_view() : etag;
}

ngx_int_t send_bundle(Request request, const CallOutcome& outcome) {
    if (outcome.status >= 400) {
        return answer_call(request, outcome);
    }
    const Json body = parse_json(outcome.body);
    const std::string etag = "\"" + std::string(text_of(json_object_get(body.get(), "version"))) + "\"";
    request.raw()->disable_not_modified = 1; // the daemon has compared
    return send(request, {.status = outcome.status,
                          .content_type = outcome.content_type,
                          .body = outcome.content,
                          .headers = {{"ETag", etag}, {"Cache-Control", "private, no-cache"}},
                          .may_be_kept = true});
}

ngx_int_t serve(Request request, const Visit& visit, std::string_view verb) {
    const auto found = scanner_of(request, visit);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        return send_problem(request, *problem);
    }
    const auto& scanner = std::get<Scanner>(found);
    ngx_str_t since{};
    ngx_http_request_t* raw = request.raw();
    if (ngx_http_arg(raw, reinterpret_cast<u_char*>(const_cast<char*>("since")), 5, &since) != NGX_OK) {
        since = {};
    }
    const std::string_view version = view(since);
    const Json arguments(json_object());
    const auto set = [&](const char* name, std::string_view text) {
        if (json_t* value = text.empty() ? nullptr : json_stringn(text.data(), text.size())) {
            json_object_set_new(arguments.get(), name, value);
        }
    };
    set("since", version.size() > longest_version ? std::string_view() : version);
    set("known", version_of(request.header("If-None-Match").value_or("")));
    return call(request,
                {.event = scanner.settings,
                 .verb = std::string(verb),
                 .actor = "device:" + scanner.device->key_hash.substr(0, 16),
                 .arguments = json_text(arguments.get())},
                send_bundle);
}

} // namespace

ngx_int_t serve_bundle(Request request, const Visit& visit) {
    return serve(request, visit, "door.bundle");
}

ngx_int_t serve_bundle_names(Request request, const Visit& visit) {
    return serve(request, visit, "door.names");
}

} // namespace mogiri::module
