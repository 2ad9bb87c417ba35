// The status page of an issued application. Its forms lead back to it, with a note of what came of them.
#include "tickets/page.hpp"

#include "apply/answer.hpp"
#include "apply/form_body.hpp"
#include "apply/submission.hpp"
#include "calls/answer.hpp"
#include "daemon/contract/form_token.hpp"
#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/plain_text.hpp"
#include "http/body.hpp"
#include "http/context.hpp"
#include "http/problem_page.hpp"
#include "http/reply.hpp"
#include "pages/held.hpp"
#include "pages/pages.hpp"
#include "tickets/order.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

// What a token is good for: the forms of one application's page.
std::string token_use(const std::string& application) {
    return "held " + application;
}

std::string with_note(std::string address, std::string_view note) {
    address += address.find('?') == address.npos ? '?' : '&';
    return address.append("note=").append(note);
}

// The status page again, which says what came of it.
ngx_int_t back_to_page(Request request, const PageFrame& frame, const HeldPath& path, std::string_view note) {
    return redirect(request, with_note(result_path(frame, path.application), note));
}

using OrderOf = std::function<CallOrder(const SettingsPtr&, const HeldPath&, FormBody&, const std::string&)>;

// Of an event, an application or a ticket that the address does not have.
ngx_int_t send_nowhere(Request request, const PageVisit& page) {
    return page.event == nullptr ? send_no_event(request, page.frame)
                                 : send_error_page(request, page.frame, 404);
}

// One typed form of the page: its token is the idempotency key, so that what is sent twice is done once.
ngx_int_t carry_out(Request request, const Visit& visit, std::string_view body, std::string_view done,
                    const OrderOf& order_of) {
    const PageVisit page(request, visit);
    const auto path = read_held_path(visit.rest);
    if (page.event == nullptr || !path) {
        return send_nowhere(request, page);
    }
    auto read = read_urlencoded(body);
    if (std::holds_alternative<UnreadableBody>(read)) {
        return send_error_page(request, page.frame, 400);
    }
    auto& fields = std::get<FormBody>(read);
    const auto opened = FormTokens(*request.main_conf().keys)
                            .verify(fields.take("token").value_or(""), page.event->number,
                                    token_use(path->application), now_ms());
    if (!opened) {
        return back_to_page(request, page.frame, *path, "invalid_token");
    }
    return call(request, order_of(page.event, *path, fields, opened->key),
                [page, path = *path, done](Request waiting, const CallOutcome& outcome) {
                    const bool failed = outcome.status >= 400;
                    context(waiting).outcome = failed ? "refused" : "done";
                    if (outcome.status == 404) {
                        return send_error_page(waiting, page.frame, 404);
                    }
                    return back_to_page(waiting, page.frame, path, failed ? outcome.code : done);
                });
}

ngx_int_t read_form(Request request, const Visit& visit, std::string_view done, OrderOf order_of) {
    if (!request.has_content_type("application/x-www-form-urlencoded")) {
        return send_error(request, {.status = 415});
    }
    return read_body(request,
                     [visit, done, order_of = std::move(order_of)](Request whole, std::string_view body) {
                         return carry_out(whole, visit, body, done, order_of);
                     });
}

// The page that asks before a ticket is returned, or the waiting list left.
ngx_int_t ask_first(Request request, const Visit& visit) {
    const PageVisit page(request, visit);
    const auto path = read_held_path(visit.rest);
    if (page.event == nullptr || !path) {
        return send_nowhere(request, page);
    }
    PageBook& book = request.main_conf().pages->book;
    const std::string token = tokens_of_page(request, page, path->application)();
    return send_html(request, 200,
                     path->ticket != 0 ? return_page(book, page.frame, path->application, path->ticket, token)
                                       : leave_page(book, page.frame, path->application, token));
}

// What the daemon draws or writes for an applicant.
ngx_int_t send_file(Request request, CallOrder order) {
    return call(request, std::move(order), [](Request waiting, const CallOutcome& outcome) {
        if (outcome.status >= 400) {
            return send_problem(waiting, call_problem(waiting, outcome, waiting.language()));
        }
        return send(waiting, {.status = 200,
                              .content_type = outcome.content_type,
                              .body = outcome.content,
                              .headers = {{"Cache-Control", "private, max-age=60"}},
                              .may_be_kept = true});
    });
}

} // namespace

NewToken tokens_of_page(Request request, const PageVisit& page, const std::string& application) {
    return [keys = *request.main_conf().keys, event = page.event->number, use = token_use(application)] {
        return FormTokens(keys).issue(event, use, now_ms());
    };
}

ngx_int_t show_tickets(const std::shared_ptr<Parked>& parked, const PageVisit& page,
                       const std::string& application, const std::optional<Answer>& answer) {
    const HeldPath path{application};
    return call(
        parked, application_order(page.event, path, "application.show"),
        [page, path, answer](Request request, const CallOutcome& outcome) {
            if (outcome.status >= 400 && !answer) {
                return send_error_page(request, page.frame, outcome.status == 404 ? 404 : 503);
            }
            PageBook& book = request.main_conf().pages->book;
            const HeldPage held{outcome.status < 400 ? outcome.body : "",
                                query_value(request, "note").value_or(""),
                                tokens_of_page(request, page, path.application)};
            return send_html(request, 200, held_page(book, page.frame, {path.application, answer, 0}, held));
        });
}

ngx_int_t serve_calendar(Request request, const Visit& visit) {
    const PageVisit page(request, visit);
    const auto path = read_held_path(visit.rest);
    if (page.event == nullptr || !path) {
        return send_nowhere(request, page);
    }
    CallOrder order = application_order(page.event, *path, "application.calendar");
    const Json arguments(json_object());
    json_object_set_new(arguments.get(), "language", json_of(language_tag(page.frame.language)));
    order.arguments = json_text(arguments.get());
    return send_file(request, std::move(order));
}

ngx_int_t serve_ticket_picture(Request request, const Visit& visit) {
    const PageVisit page(request, visit);
    const auto path = read_held_path(visit.rest);
    const bool pdf = visit.rest.ends_with(".pdf");
    if (page.event == nullptr || !path || (!pdf && !visit.rest.ends_with(".png"))) {
        return send_nowhere(request, page);
    }
    return send_file(request, ticket_order(page.event, *path, pdf ? "ticket.pdf" : "ticket.image",
                                           {"language", language_tag(page.frame.language)}));
}

ngx_int_t serve_typed_resend(Request request, const Visit& visit) {
    return read_form(request, visit, "resent",
                     [](const SettingsPtr& event, const HeldPath& path, FormBody&, const std::string& key) {
                         return application_order(event, path, "application.resend", key);
                     });
}

ngx_int_t serve_typed_rename(Request request, const Visit& visit) {
    return read_form(
        request, visit, "renamed",
        [](const SettingsPtr& event, const HeldPath& path, FormBody& fields, const std::string& key) {
            const std::string name = fields.take("name").value_or("");
            return ticket_order(event, path, "ticket.rename", {"name", is_valid_utf8(name) ? name : ""}, key);
        });
}

ngx_int_t serve_typed_return(Request request, const Visit& visit) {
    if (request.is(NGX_HTTP_POST)) {
        return read_form(
            request, visit, "returned",
            [](const SettingsPtr& event, const HeldPath& path, FormBody&, const std::string& key) {
                return ticket_order(event, path, "ticket.return", {nullptr, {}}, key);
            });
    }
    return ask_first(request, visit);
}

ngx_int_t serve_typed_leave(Request request, const Visit& visit) {
    if (request.is(NGX_HTTP_POST)) {
        return read_form(
            request, visit, "left",
            [](const SettingsPtr& event, const HeldPath& path, FormBody&, const std::string& key) {
                return application_order(event, path, "application.leave", key);
            });
    }
    return ask_first(request, visit);
}

ngx_int_t serve_address(Request request, const Visit& visit) {
    const PageVisit page(request, visit);
    const std::string_view id = visit.rest.substr(0, visit.rest.find('/'));
    const std::string_view token = visit.rest.substr(visit.rest.rfind('/') + 1);
    if (page.event == nullptr) {
        return send_no_event(request, page.frame);
    }
    if (!application_id_is_plausible(id) ||
        !confirms(*request.main_conf().keys, page.event->number, id, token)) {
        return send_error_page(request, page.frame, 404);
    }
    const HeldPath path{std::string(id)};
    const std::string here = page.frame.link(
        std::string("/apply/result/").append(path.application).append("/confirm/").append(token));
    if (!request.is(NGX_HTTP_POST)) {
        return send_html(request, 200,
                         address_page(request.main_conf().pages->book, page.frame, path.application, here,
                                      query_value(request, "note").value_or("")));
    }
    // One key for all: however often the button is pressed, the address is confirmed once.
    return call(request, application_order(page.event, path, "application.confirm", "confirm"),
                [page, path, here](Request waiting, const CallOutcome& outcome) {
                    context(waiting).outcome = outcome.status < 400 ? "confirmed" : "refused";
                    if (outcome.status == 404) {
                        return send_error_page(waiting, page.frame, 404);
                    }
                    if (outcome.status >= 500) {
                        return redirect(waiting, with_note(here, outcome.code));
                    }
                    return back_to_page(waiting, page.frame, path,
                                        outcome.status < 400 ? "confirmed" : outcome.code);
                });
}

} // namespace mogiri::module
