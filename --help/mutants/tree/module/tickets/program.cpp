// What programs do with an application's tickets: each request is one call of the daemon.
#include "tickets/program.hpp"

#include "apply/submission.hpp"
#include "calls/answer.hpp"
#include "daemon/contract/plain_text.hpp"
#include "http/body.hpp"
#include "http/reply.hpp"
#include "tickets/order.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

struct Addressed {
    SettingsPtr event;
    HeldPath path;
    std::string key;
};

// Whose application it is is known by its id; who sends no key would do twice what he sends twice.
std::variant<Addressed, Problem> addressed(Request request, const Visit& visit) {
    const SettingsPtr event = worker().settings.of(visit.slug);
    if (event == nullptr && !worker().settings.loaded()) {
        return Problem{.status = 503, .code = "not_ready", .retry_after = 1};
    }
    const auto path = read_held_path(visit.rest);
    if (event == nullptr || !path) {
        return Problem{.status = 404};
    }
    const auto key = request.header("Idempotency-Key");
    if (auto problem = key_problem(key)) {
        return *std::move(problem);
    }
    return Addressed{event, *path, std::string(*key)};
}

// {"name"} and nothing else.
std::variant<std::string, Problem> name_in(std::string_view body, Language language) {
    auto read = read_json(body);
    if (const auto* unreadable = std::get_if<UnreadableBody>(&read)) {
        return Problem{.status = 400, .code = "broken_json", .detail = unreadable->detail};
    }
    auto& fields = std::get<FormBody>(read);
    std::vector<FieldError> errors = std::move(fields.errors);
    const auto name = fields.take("name");
    if (!name && errors.empty()) {
        errors.push_back({"name", FieldFault::missing});
    } else if (name && !is_valid_utf8(*name)) {
        errors.push_back({"name", FieldFault::invalid_encoding});
    }
    for (const auto& [field, value] : fields.values) {
        errors.push_back({field, FieldFault::unknown_field});
    }
    if (!errors.empty()) {
        return field_problem(errors, language);
    }
    return *name;
}

ngx_int_t rename(Request request, const Visit& visit, std::string_view body) {
    const auto found = addressed(request, visit);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        return send_problem(request, *problem);
    }
    const auto name = name_in(body, request.language());
    if (const auto* problem = std::get_if<Problem>(&name)) {
        return send_problem(request, *problem);
    }
    const auto& [event, path, key] = std::get<Addressed>(found);
    return call(request,
                ticket_order(event, path, "ticket.rename", {"name", std::get<std::string>(name)}, key),
                answer_call);
}

} // namespace

ngx_int_t serve_resend(Request request, const Visit& visit) {
    const auto found = addressed(request, visit);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        return send_problem(request, *problem);
    }
    const auto& [event, path, key] = std::get<Addressed>(found);
    return call(request, application_order(event, path, "application.resend", key), answer_call);
}

ngx_int_t serve_rename(Request request, const Visit& visit) {
    if (!request.has_content_type("application/json")) {
        return send_problem(request, {.status = 415});
    }
    return read_body(request,
                     [visit](Request whole, std::string_view body) { return rename(whole, visit, body); });
}

ngx_int_t serve_return(Request request, const Visit& visit) {
    const auto found = addressed(request, visit);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        return send_problem(request, *problem);
    }
    const auto& [event, path, key] = std::get<Addressed>(found);
    return call(request, ticket_order(event, path, "ticket.return", {nullptr, {}}, key), answer_call);
}

} // namespace mogiri::module
