// Asks Redis for the stored answer while the request is parked.
#include "apply/status.hpp"

#include <charconv>
#include <functional>

#include "apply/status_answer.hpp"
#include "daemon/contract/form_token.hpp"
#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/redis_keys.hpp"
#include "http/context.hpp"
#include "http/parked.hpp"
#include "http/reply.hpp"
#include "pages/outcome.hpp"
#include "pages/pages.hpp"
#include "pages/visit.hpp"
#include "tickets/order.hpp"
#include "tickets/page.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

constexpr ngx_msec_t longest_reply_ms = 1000;

// How a status is told: the answer when there is one, or the HTTP status of why it cannot be told.
struct Teller {
    std::function<ngx_int_t(const std::shared_ptr<Parked>&, const std::optional<Answer>&)> tell;
    std::function<ngx_int_t(Request, int status)> fail;
    // Redis does not know it, or no more; without it that is a 404.
    std::function<ngx_int_t(const std::shared_ptr<Parked>&)> look_further = {};
};

ngx_int_t ask(Request request, const SettingsPtr& event, std::string_view application, Teller teller) {
    if (event == nullptr) {
        return teller.fail(request, worker().settings.loaded() ? 404 : 503);
    }
    if (!application_id_is_plausible(application)) {
        return teller.fail(request, 404);
    }
    if (!worker().redis.takes_calls()) {
        return teller.fail(request, 503);
    }
    const auto fail = teller.fail;
    const auto parked =
        Parked::park(request, longest_reply_ms, [fail](Request late) { return fail(late, 503); });
    const std::string key = redis_keys::application(event->number, application);
    worker().redis.call(
        {"FCALL", "mogiri_status", "1", key}, [parked, teller = std::move(teller)](RedisReply reply) {
            parked->answer([&](Request waiting) {
                if (reply.is_nil()) {
                    return teller.look_further ? teller.look_further(parked) : teller.fail(waiting, 404);
                }
                return reply.is_text() ? teller.tell(parked, stored_answer(reply.text()))
                                       : teller.fail(waiting, 503);
            });
        });
    return NGX_DONE;
}

// Redis forgets an answer after a week; an application may be held for longer than that.
ngx_int_t ask_daemon(const std::shared_ptr<Parked>& parked, const SettingsPtr& event,
                     const std::string& application, const std::function<ngx_int_t(Request, int)>& fail) {
    return call(parked, application_order(event, {application}, "application.show"),
                [application, fail](Request waiting, const CallOutcome& outcome) {
                    if (outcome.status >= 400) {
                        return fail(waiting, outcome.status == 404 ? 404 : 503);
                    }
                    const Json shown = parse_json(outcome.body);
                    const std::string_view code = text_of(json_object_get(shown.get(), "code"));
                    const auto decision = decision_of(code.empty() ? "issued" : code);
                    const auto tickets = json_array_size(json_object_get(shown.get(), "tickets"));
                    return send_json(
                        waiting, 200,
                        status_json(application, Answer{application, decision.value_or(Decision::failed),
                                                        static_cast<std::int64_t>(tickets)}));
                });
}

} // namespace

ngx_int_t serve_status(Request request, const Visit& visit) {
    const std::string application(visit.rest);
    const SettingsPtr event = worker().settings.of(visit.slug);
    const auto fail = [](Request waiting, int status) {
        return send_problem(waiting, {.status = status,
                                      .code = status == 503 ? "not_ready" : "not_found",
                                      .retry_after = status == 503 ? 1 : 0});
    };
    return ask(request, event, application,
               {[application](const std::shared_ptr<Parked>& parked, const std::optional<Answer>& answer) {
                    return send_json(parked->request(), 200, status_json(application, answer));
                },
                fail,
                [event, application, fail](const std::shared_ptr<Parked>& parked) {
                    return ask_daemon(parked, event, application, fail);
                }});
}

ngx_int_t serve_result(Request request, const Visit& visit) {
    const PageVisit page(request, visit);
    const std::string application(visit.rest);
    return ask(
        request, page.event, application,
        {[application, page](const std::shared_ptr<Parked>& parked, const std::optional<Answer>& answer) {
             const Request waiting = parked->request();
             int looks = 0;
             const auto n = query_value(waiting, "n");
             const auto note = query_value(waiting, "note");
             // Who has waited here is told at once; a burst of applicants leaves the daemon its work. What a
             // form of the page has done the daemon knows first.
             if (answer && (answer->decision == Decision::issued || note) && !n) {
                 return show_tickets(parked, page, application, answer);
             }
             if (n) {
                 std::from_chars(n->data(), n->data() + n->size(), looks);
             }
             const std::string html = result_page(waiting.main_conf().pages->book, page.frame,
                                                  {application, answer, std::clamp(looks, 0, 99), "",
                                                   tokens_of_page(waiting, page, application)});
             return send_html(waiting, 200, html);
         },
         [page](Request waiting, int status) { return send_error_page(waiting, page.frame, status); },
         [application, page](const std::shared_ptr<Parked>& parked) {
             return show_tickets(parked, page, application, std::nullopt);
         }});
}

} // namespace mogiri::module
