// POST /api/v1/apply: read, checked and put on its way; everything that can be refused at once is refused
// here.
#include "apply/apply.hpp"

#include "apply/wait.hpp"
#include "http/body.hpp"
#include "http/problem_page.hpp"
#include "http/reply.hpp"
#include "pages/visit.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

ngx_int_t refuse(Request request, const Problem& problem) {
    worker().zone().count_application(problem.status);
    return send_problem(request, problem);
}

// A program's application. Whether the event still takes applications is the daemon's to say: what was
// decided before it closed has to be told again.
ngx_int_t apply_as_program(Request request, const Visit& visit, std::string_view body) {
    const PageVisit page(request, visit);
    if (page.event == nullptr) {
        return refuse(request, worker().settings.loaded()
                                   ? Problem{.status = 404}
                                   : Problem{.status = 503, .code = "not_ready", .retry_after = 1});
    }
    auto read =
        read_program_submission(*page.event, body, request.header("Idempotency-Key"), page.frame.language);
    if (const auto* problem = std::get_if<Problem>(&read)) {
        return refuse(request, *problem);
    }
    Submission submission = std::move(std::get<Submission>(read));
    std::string id = application_id(*request.main_conf().keys, page.event->number, submission.key);
    return put_on_its_way(
        request,
        {.event = page.event, .submission = std::move(submission), .id = std::move(id), .frame = page.frame});
}

// A person's application: whatever is wrong with it, the page comes back with what was typed; a client that
// wants no pages is told by a problem.
ngx_int_t apply_as_person(Request request, const Visit& visit, std::string_view body) {
    auto read = read_typed_form(body, request.header("Content-Type").value_or(""));
    if (const auto* problem = std::get_if<Problem>(&read)) {
        worker().zone().count_application(problem->status);
        return send_error(request, *problem);
    }
    auto& typed = std::get<TypedForm>(read);
    const PageVisit page(request, visit, typed.language);
    if (page.event == nullptr) {
        return send_no_event(request, page.frame);
    }
    const Form* form = page.event->form(typed.form);
    if (form == nullptr) {
        return request.wants_html()
                   ? send_error_page(request, page.frame, 400)
                   : refuse(request, field_problem({{"form", FieldFault::not_in_list}}, page.frame.language));
    }

    const TypedPage answer{request, page.frame, *form, typed.token, typed.values};
    const auto refuse_or = [request](const Problem& problem, const auto& send_page) {
        if (!request.wants_html()) {
            return refuse(request, problem);
        }
        worker().zone().count_application(problem.status);
        return send_page();
    };
    const auto opened =
        FormTokens(*request.main_conf().keys).verify(typed.token, page.event->number, form->id, now_ms());
    if (!opened) {
        return refuse_or({.status = 400, .code = "invalid_token"}, [&] { return answer.send_expired(); });
    }
    auto checked = check_form(*form, typed.values, Confirmations::required);
    if (const auto* errors = std::get_if<std::vector<FieldError>>(&checked)) {
        return refuse_or(field_problem(*errors, page.frame.language),
                         [&] { return answer.send_form_with(*errors); });
    }
    if (typed.trapped || now_ms() - opened->issued_ms < page.event->form_ms) {
        return refuse_or({.status = 400, .code = "robot"},
                         [&] { return answer.send_doubted(std::get<CheckedForm>(checked)); });
    }
    std::string id = application_id(*request.main_conf().keys, page.event->number, opened->key);
    return put_on_its_way(
        request, {.event = page.event,
                  .submission = {form, page.frame.language, opened->key, std::get<CheckedForm>(checked)},
                  .id = std::move(id),
                  .frame = page.frame,
                  .typed = true,
                  .values = std::move(typed.values),
                  .token = std::move(typed.token)});
}

} // namespace

ngx_int_t serve_apply(Request request, const Visit& visit) {
    if (request.has_content_type("application/json")) {
        return read_body(request, [visit](Request whole, std::string_view body) {
            return apply_as_program(whole, visit, body);
        });
    }
    if (is_typed_form(request.content_type())) {
        return read_body(request, [visit](Request whole, std::string_view body) {
            return apply_as_person(whole, visit, body);
        });
    }
    return send_error(request, {.status = 415});
}

} // namespace mogiri::module
