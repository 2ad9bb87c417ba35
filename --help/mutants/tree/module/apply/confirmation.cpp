// The step between form and sending: nothing is stored, and what was typed travels in the page alone.
#include "apply/apply.hpp"

#include "apply/page.hpp"
#include "apply/submission.hpp"
#include "http/body.hpp"
#include "http/problem_page.hpp"
#include "http/reply.hpp"
#include "pages/visit.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

ngx_int_t confirm(Request request, const Visit& visit, std::string_view body) {
    auto read = read_typed_form(body, request.header("Content-Type").value_or(""));
    if (const auto* problem = std::get_if<Problem>(&read)) {
        return send_error(request, *problem);
    }
    auto& typed = std::get<TypedForm>(read);
    const PageVisit page(request, visit, typed.switch_to ? typed.switch_to : typed.language);
    const auto found = open_form(request, page, visit.rest);
    if (const auto* answered = std::get_if<ngx_int_t>(&found)) {
        return *answered;
    }
    const Form* form = std::get<const Form*>(found);

    const FormTokens tokens(*request.main_conf().keys);
    if (!tokens.verify(typed.token, page.event->number, form->id, now_ms())) {
        typed.token = tokens.issue(page.event->number, form->id, now_ms());
    }
    TypedPage answer{request, page.frame, *form, typed.token, typed.values};
    if (typed.back || (typed.switch_to && !typed.confirming)) {
        return answer.send_form(200);
    }
    const auto checked = check_form(*form, typed.values, Confirmations::required);
    if (const auto* errors = std::get_if<std::vector<FieldError>>(&checked)) {
        return answer.send_form_with(*errors);
    }
    const auto& understood = std::get<CheckedForm>(checked);
    if (typed.trapped) {
        return answer.send_doubted(understood);
    }
    if (!roster_has(*form, understood.fields)) {
        return answer.send_refused(Decision::unknown_student);
    }
    return answer.send_confirmation(200, understood);
}

} // namespace

ngx_int_t serve_form(Request request, const Visit& visit) {
    if (!request.is(NGX_HTTP_POST)) {
        return serve_blank_form(request, visit);
    }
    if (!is_typed_form(request.content_type())) {
        return send_error(request, {.status = 415});
    }
    return read_body(request,
                     [visit](Request whole, std::string_view body) { return confirm(whole, visit, body); });
}

} // namespace mogiri::module
