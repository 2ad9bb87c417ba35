// Asks for an address and has the daemon write to it; nobody waits for what comes of it.
#include "tickets/find.hpp"

#include "apply/submission.hpp"
#include "calls/call.hpp"
#include "daemon/contract/form_token.hpp"
#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/plain_text.hpp"
#include "http/body.hpp"
#include "http/context.hpp"
#include "http/problem_page.hpp"
#include "http/reply.hpp"
#include "pages/find.hpp"
#include "pages/pages.hpp"
#include "pages/visit.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

constexpr std::string_view token_use = "find";

ngx_int_t send_page(Request request, const PageVisit& page, int status, FindPage shown) {
    shown.token = FormTokens(*request.main_conf().keys).issue(page.event->number, token_use, now_ms());
    return send_problem_page(request, {.status = status, .retry_after = status == 503 ? 1 : 0},
                             find_page(request.main_conf().pages->book, page.frame, shown));
}

Notice notice_of(Request request, const PageFrame& frame, const std::string& code) {
    const PageWords& words = request.main_conf().pages->book.words(frame.language);
    return {words["find_" + code + "_title"], words["find_" + code + "_text"], "", ""};
}

ngx_int_t ask(Request request, const Visit& visit, std::string_view body) {
    auto read = read_typed_form(body, request.header("Content-Type").value_or(""));
    if (const auto* problem = std::get_if<Problem>(&read)) {
        return send_error(request, *problem);
    }
    const auto& typed = std::get<TypedForm>(read);
    const PageVisit page(request, visit, typed.language);
    if (page.event == nullptr) {
        return send_no_event(request, page.frame);
    }
    const auto field = typed.values.find("email");
    const std::string_view text = field == typed.values.end() ? std::string_view{} : trimmed(field->second);
    FindPage shown{.address = is_valid_utf8(text) ? std::string(text) : ""};
    const auto opened =
        FormTokens(*request.main_conf().keys).verify(typed.token, page.event->number, token_use, now_ms());
    if (!opened) {
        shown.notice = notice_of(request, page.frame, "expired");
        return send_page(request, page, 400, std::move(shown));
    }
    const std::string address = normalized_address(shown.address);
    if (!address_is_acceptable(address)) {
        shown.invalid = true;
        return send_page(request, page, 422, std::move(shown));
    }
    if (typed.trapped || now_ms() - opened->issued_ms < page.event->form_ms) {
        shown.notice = notice_of(request, page.frame, "robot");
        return send_page(request, page, 400, std::move(shown));
    }
    const Json arguments(json_object());
    json_object_set_new(arguments.get(), "address", json_of(address));
    return call(request,
                {.event = page.event,
                 .verb = "application.find",
                 .actor = "visitor",
                 .arguments = json_text(arguments.get()),
                 .key = opened->key + " " + address,
                 .awaited = false},
                [page, shown = std::move(shown)](Request waiting, const CallOutcome& outcome) {
                    if (outcome.status == 503) {
                        context(waiting).outcome = "refused";
                        FindPage again = shown;
                        again.notice = notice_of(waiting, page.frame, "busy");
                        return send_page(waiting, page, 503, std::move(again));
                    }
                    // Whatever came of an earlier one that was the same: nothing is told of it.
                    context(waiting).outcome = "done";
                    std::string back = page.frame.link("/apply/find");
                    back += back.find('?') == back.npos ? '?' : '&';
                    return redirect(waiting, back.append("sent=1"));
                });
}

} // namespace

ngx_int_t serve_find(Request request, const Visit& visit) {
    if (request.is(NGX_HTTP_POST)) {
        if (!is_typed_form(request.content_type())) {
            return send_error(request, {.status = 415});
        }
        return read_body(request,
                         [visit](Request whole, std::string_view body) { return ask(whole, visit, body); });
    }
    const PageVisit page(request, visit);
    if (page.event == nullptr) {
        return send_no_event(request, page.frame);
    }
    return send_page(request, page, 200, {.sent = query_value(request, "sent") == "1"});
}

} // namespace mogiri::module
