// One function for each way in which an application can end its request; each notes it for log and metrics.
#include "apply/answer.hpp"

#include "daemon/contract/crash_point.hpp"
#include "daemon/contract/json_owner.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"
#include "pages/pages.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

void note(Request request, int status, std::string_view outcome, std::string_view reason = "-") {
    context(request).outcome = outcome;
    context(request).reason = reason;
    worker().zone().count_application(status);
}

// A person gets the page back; a client that wants no pages a problem.
bool answers_by_page(Request request, const Application& application) {
    return application.typed && request.wants_html();
}

TypedPage page_of(Request request, const Application& application) {
    return {request, application.frame, *application.submission.form, application.token, application.values};
}

// `state`: of one that is decided and held.
ngx_int_t send_taken(Request request, const Application& application, int status, std::int64_t tickets,
                     std::string_view state = "") {
    const Json json(json_object());
    json_object_set_new(json.get(), "application", json_of(application.id));
    if (status == 201) {
        json_object_set_new(json.get(), "tickets", json_integer(tickets));
    }
    if (!state.empty()) {
        json_object_set_new(json.get(), "state", json_of(state));
    }
    const std::string address = status_path(application.frame, application.id);
    json_object_set_new(json.get(), "status_url", json_of(address));
    const std::string body = json_text(json.get());
    return send(request, {.status = status, .body = body, .headers = {{"Location", address}}});
}

ngx_int_t send_problem_of(Request request, const Application& application, Problem problem) {
    problem.members = {{"application", application.id},
                       {"status_url", status_path(application.frame, application.id)}};
    return send_problem(request, problem);
}

} // namespace

std::string result_path(const PageFrame& frame, std::string_view application) {
    return frame.link(std::string("/apply/result/").append(application));
}

std::string status_path(const PageFrame& frame, std::string_view application) {
    return std::string(frame.base).append("/api/v1/applications/").append(application);
}

ngx_int_t answer_decided(Request request, const Application& application, const Answer& answer) {
    const int status = http_status(answer.decision);
    if (answer.decision == Decision::issued) {
        note(request, status, "issued");
        MOGIRI_CRASH_POINT("module.apply.decided");
        return application.typed ? redirect(request, result_path(application.frame, application.id))
                                 : send_taken(request, application, status, answer.tickets);
    }
    const std::string_view code = decision_code(answer.decision);
    if (is_held(answer.decision)) {
        note(request, status, "held", code);
        return application.typed ? redirect(request, result_path(application.frame, application.id))
                                 : send_taken(request, application, status, 0, code);
    }
    note(request, status, "refused", code);
    if (answers_by_page(request, application)) {
        return page_of(request, application).send_refused(answer.decision);
    }
    const PageWords& words = request.main_conf().pages->book.words(application.frame.language);
    return send_problem_of(
        request, application,
        {.status = status, .code = std::string(code), .detail = words[std::string(code).append("_text")]});
}

ngx_int_t answer_accepted(Request request, const Application& application) {
    note(request, 202, "accepted");
    return application.typed ? redirect(request, result_path(application.frame, application.id))
                             : send_taken(request, application, 202, 0);
}

ngx_int_t answer_reused(Request request, const Application& application) {
    note(request, 409, "refused", "key_reused");
    if (answers_by_page(request, application)) {
        return page_of(request, application).send_reused(application.submission.checked, application.id);
    }
    return send_problem(request,
                        {.status = 409,
                         .code = "key_reused",
                         .detail = "this Idempotency-Key has brought an application with other contents"});
}

ngx_int_t answer_not_taken(Request request, const Application& application, std::string_view code) {
    note(request, 503, "not_taken", code);
    if (answers_by_page(request, application)) {
        return page_of(request, application).send_busy(application.submission.checked);
    }
    return send_problem(request, {.status = 503,
                                  .code = std::string(code),
                                  .detail = "not taken; safe to repeat with the same Idempotency-Key",
                                  .retry_after = 1});
}

} // namespace mogiri::module
