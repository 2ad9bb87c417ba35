// Chooses words and status for each way in which an application comes back to its applicant.
#include "apply/page.hpp"

#include "daemon/contract/form_token.hpp"
#include "directives.hpp"
#include "http/reply.hpp"
#include "pages/pages.hpp"

namespace mogiri::module {

std::string TypedPage::new_token() const {
    return FormTokens(*request.main_conf().keys).issue(frame.event->number, form.id, now_ms());
}

ngx_int_t TypedPage::send_form(int status, std::vector<FieldError> errors,
                               std::optional<Notice> notice) const {
    PageBook& book = request.main_conf().pages->book;
    return send_html(request, status,
                     form_page(book, frame, {form, token, values, std::move(errors), std::move(notice)}));
}

ngx_int_t TypedPage::send_form_with(std::vector<FieldError> errors) const {
    return send_form(422, std::move(errors));
}

ngx_int_t TypedPage::send_expired() const {
    const PageWords& words = request.main_conf().pages->book.words(frame.language);
    return TypedPage{request, frame, form, new_token(), values}.send_form(
        400, {}, Notice{words["invalid_token_title"], words["invalid_token_text"], "", ""});
}

ngx_int_t TypedPage::send_refused(Decision decision) const {
    const PageWords& words = request.main_conf().pages->book.words(frame.language);
    const std::string code(decision_code(decision));
    return TypedPage{request, frame, form, new_token(), values}.send_form(
        http_status(decision), {}, Notice{words[code + "_title"], words[code + "_text"], "", ""});
}

ngx_int_t TypedPage::send_confirmation(int status, const CheckedForm& checked,
                                       std::optional<Notice> notice) const {
    PageBook& book = request.main_conf().pages->book;
    return send_problem_page(request, {.status = status, .retry_after = status == 503 ? 1 : 0},
                             confirm_page(book, frame, {form, token, values, checked, std::move(notice)}));
}

ngx_int_t TypedPage::send_busy(const CheckedForm& checked) const {
    const PageWords& words = request.main_conf().pages->book.words(frame.language);
    return send_confirmation(503, checked, Notice{words["busy_title"], words["busy_text"], "", ""});
}

ngx_int_t TypedPage::send_doubted(const CheckedForm& checked) const {
    const PageWords& words = request.main_conf().pages->book.words(frame.language);
    return send_confirmation(400, checked, Notice{words["robot_title"], words["robot_text"], "", ""});
}

ngx_int_t TypedPage::send_reused(const CheckedForm& checked, const std::string& earlier_application) const {
    const PageWords& words = request.main_conf().pages->book.words(frame.language);
    return TypedPage{request, frame, form, new_token(), values}.send_confirmation(
        409, checked,
        Notice{words["key_reused_title"], words["key_reused_text"],
               frame.link("/apply/result/" + earlier_application), words["key_reused_link"]});
}

} // namespace mogiri::module
