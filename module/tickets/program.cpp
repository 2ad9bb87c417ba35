// What programs do with an application's tickets: each request is one call of the daemon.
#include "tickets/program.hpp"

#include "apply/submission.hpp"
#include "calls/answer.hpp"
#include "daemon/contract/form_token.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

// Whose application it is is known by its id; who sends no key would do twice what he sends twice.
ngx_int_t write(Request request, const Visit& visit, std::string_view verb, std::string arguments) {
    const SettingsPtr event = worker().settings.of(visit.slug);
    if (event == nullptr && !worker().settings.loaded()) {
        return send_problem(request, {.status = 503, .code = "not_ready", .retry_after = 1});
    }
    const std::string_view application = visit.rest.substr(0, visit.rest.find('/'));
    if (event == nullptr || !application_id_is_plausible(application)) {
        return send_problem(request, {.status = 404});
    }
    const auto key = request.header("Idempotency-Key");
    if (const auto problem = key_problem(key)) {
        return send_problem(request, *problem);
    }
    return call(request,
                {.event = event,
                 .verb = std::string(verb),
                 .actor = std::string("application:").append(application),
                 .arguments = std::move(arguments),
                 .key = std::string(*key)},
                answer_call);
}

} // namespace

ngx_int_t serve_resend(Request request, const Visit& visit) {
    return write(request, visit, "application.resend", "{}");
}

} // namespace mogiri::module
