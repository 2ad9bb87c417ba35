// One request of the API: who asks, whether they may, the daemon's answer.
#include "api/api.hpp"

#include "api/negotiation.hpp"
#include "api/order.hpp"
#include "apply/submission.hpp"
#include "calls/answer.hpp"
#include "calls/stream.hpp"
#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/redis_keys.hpp"
#include "http/body.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"
#include "pages/pages.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

constexpr ngx_msec_t longest_look = 2000;

// The secret that came with a request, as its hash.
struct Credential {
    std::string hash;
    bool is_key = false;
};

std::optional<Credential> credential_in(Request request) {
    if (const auto bearer = request.bearer(); bearer && !bearer->empty()) {
        return Credential{token_hash(*bearer), true};
    }
    if (const auto cookie = cookie_in(request.header("Cookie").value_or(""), session_cookie)) {
        return Credential{token_hash(*cookie), false};
    }
    return std::nullopt;
}

// One request under way: what the route, the sender and the body say.
struct Asking {
    const Route* route;
    SettingsPtr event;
    std::string_view path, body; // of the request
    std::optional<Credential> credential;
    std::shared_ptr<const Principal> principal = {};
    OnAdmitted then = {}; // instead of the daemon's call
};

ngx_int_t refuse(Request request, int status, std::string_view code) {
    context(request).outcome = "refused";
    const PageWords& words = request.main_conf().pages->book.words(request.language());
    const std::string key = "api_" + std::string(code);
    return send_problem(request, {.status = status,
                                  .code = std::string(code),
                                  .detail = words.has(key) ? words[key] : "",
                                  .retry_after = status == 503 ? 1 : 0});
}

bool is_unsafe(Request request) {
    return !request.is(NGX_HTTP_GET | NGX_HTTP_HEAD);
}

bool is_cross_site(Request request) {
    const auto host = request.header("Host").value_or("");
    return !is_own({request.header("Sec-Fetch-Site"), request.header("Origin"), host});
}

// What the worker makes for who asks; the daemon gets hashes.
struct Made {
    std::string session; // token of the session that begins; empty: none does
    std::string secret;
    std::string_view member = {}; // of the answer, that tells the secret
};

Made made_for(Request request, const Asking& asking) {
    const ApiCall& api = asking.route->api;
    Made made{api.session == SessionUse::begins ? new_token() : "", ""};
    switch (api.secret) {
    case SecretUse::none:
        break;
    case SecretUse::device_key:
        made.secret = new_token();
        made.member = "key";
        break;
    case SecretUse::api_key: {
        std::string asked(asking.principal ? asking.principal->actor : "visitor");
        for (const std::string_view part : {request.header("Idempotency-Key").value_or(""), asking.body}) {
            asked.append(1, '\0').append(part);
        }
        made.secret =
            std::string(api_key_prefix) + repeatable_token(*worker().conf.keys, asking.event->number, asked);
        made.member = "secret";
    }
    }
    return made;
}

std::string with_member(std::string_view body, const Made& made) {
    const Json answer = parse_json(body);
    json_object_set_new(answer.get(), std::string(made.member).c_str(), json_of(made.secret));
    return json_text(answer.get());
}

ngx_int_t answer(Request request, const CallOutcome& outcome, SessionUse use, const Made& made) {
    if (outcome.status >= 400) {
        return answer_call(request, outcome);
    }
    if (outcome.stream) {
        return stream(request, outcome);
    }
    context(request).outcome = "done";
    // nginx would compare If-Match with the ETag of what has just been made, and say 412 of what was done.
    request.raw()->disable_not_modified = 1;
    Reply reply{.status = outcome.status, .body = outcome.body};
    if (!outcome.content_type.empty()) {
        reply.content_type = outcome.content_type;
        reply.body = outcome.content;
    }
    const std::string etag = etag_of(reply.body);
    if (!is_unsafe(request) || has_version(etag)) { // of a write only what a next one needs
        reply.headers.emplace_back("ETag", etag);
    }
    const std::string told = made.secret.empty() ? "" : with_member(reply.body, made);
    if (!told.empty()) {
        reply.body = told;
    }
    if (!is_unsafe(request) && is_known(request.header("If-None-Match").value_or(""), etag)) {
        reply.status = NGX_HTTP_NOT_MODIFIED;
        reply.body = {};
    }
    std::string cookie(session_cookie);
    constexpr std::string_view attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax";
    if (use == SessionUse::begins) {
        cookie.append("=").append(made.session).append(attributes);
        reply.headers.emplace_back("Set-Cookie", cookie);
    } else if (use == SessionUse::ends) {
        cookie.append("=").append(attributes).append("; Max-Age=0");
        reply.headers.emplace_back("Set-Cookie", cookie);
    }
    return send(request, reply);
}

// Precondition: whoever asks may.
std::variant<CallOrder, Problem> order_of(Request request, const Asking& asking, const Made& made) {
    const ApiCall& api = asking.route->api;
    std::string key;
    if (api.key == KeyUse::needed) {
        const auto header = request.header("Idempotency-Key");
        if (auto problem = key_problem(header)) {
            return *std::move(problem);
        }
        key = *header;
    }
    const bool in_cookie = asking.credential && !asking.credential->is_key;
    auto arguments = api_arguments({.pattern = asking.route->path,
                                    .path = asking.path,
                                    .query = request.query(),
                                    .body = asking.body,
                                    .toml = request.has_content_type("application/toml"),
                                    .if_match = request.header("If-Match"),
                                    .session = in_cookie ? asking.credential->hash : "",
                                    .new_session = made.session.empty() ? "" : token_hash(made.session),
                                    .new_secret = made.secret.empty() ? "" : token_hash(made.secret)},
                                   *worker().conf.keys);
    if (auto* problem = std::get_if<Problem>(&arguments)) {
        return std::move(*problem);
    }
    return CallOrder{.event = asking.event,
                     .verb = std::string(api.verb),
                     .actor = asking.principal ? asking.principal->actor : "visitor",
                     .arguments = std::get<std::string>(std::move(arguments)),
                     .key = std::move(key),
                     .awaited = !api.unawaited,
                     .origin = std::string(view(request.raw()->connection->addr_text)),
                     .desk = api.desk};
}

// `where`: the request, or what it is parked in.
template <class Where> ngx_int_t hand_on(Request request, Where where, const Asking& asking) {
    const SessionUse use = asking.route->api.session;
    const Made made = made_for(request, asking);
    auto order = order_of(request, asking, made);
    if (const auto* problem = std::get_if<Problem>(&order)) {
        return send_problem(request, *problem);
    }
    return call(where, std::get<CallOrder>(std::move(order)),
                [use, made](Request answered, const CallOutcome& outcome) {
                    return answer(answered, outcome, use, made);
                });
}

ngx_int_t judge(Request request, const std::shared_ptr<Parked>& parked, Asking asking,
                std::string_view json) {
    asking.principal = std::make_shared<const Principal>(decode_principal(json));
    if (asking.principal->is_key() != asking.credential->is_key) { // a key is no cookie, and a cookie no key
        return refuse(request, 401, asking.credential->is_key ? "bad_key" : "session_ended");
    }
    if (!may(*asking.principal,
             {asking.route->who, asking.route->api.verb, is_unsafe(request) && !asking.route->api.only_reads},
             asking.event->number)) {
        return refuse(request, 403, "forbidden");
    }
    if (asking.route->api.local != nullptr) {
        return asking.route->api.local(request, *asking.event, asking.path, asking.body);
    }
    return asking.then ? asking.then(parked, *asking.principal) : hand_on(request, parked, asking);
}

// Redis has not seen the key within the last minute: the daemon looks it up.
ngx_int_t ask_for_key(const std::shared_ptr<Parked>& parked, const Asking& asking) {
    const Json arguments(json_object());
    json_object_set_new(arguments.get(), "hash", json_of(asking.credential->hash));
    return call(parked,
                {.event = asking.event,
                 .verb = "key.admit",
                 .actor = "visitor",
                 .arguments = json_text(arguments.get())},
                [parked, asking](Request request, const CallOutcome& outcome) {
                    return outcome.status >= 400
                               ? (outcome.code == "bad_key" ? refuse(request, 401, "bad_key")
                                                            : answer_call(request, outcome))
                               : judge(request, parked, asking, outcome.body);
                });
}

ngx_int_t identify(Request request, const Asking& asking) {
    if (!asking.credential) {
        return refuse(request, 401, "no_session");
    }
    if (!worker().redis.takes_calls()) {
        return refuse(request, 503, "not_ready");
    }
    const auto parked =
        Parked::park(request, longest_look, [](Request late) { return refuse(late, 503, "busy"); });
    const std::string key = redis_keys::session(asking.credential->hash);
    worker().redis.call({"FCALL", "mogiri_session", "1", key}, [parked, asking](RedisReply reply) {
        const bool known = reply.is_text();
        parked->answer([&](Request found) {
            if (known) {
                return judge(found, parked, asking, reply.text());
            }
            if (reply.lost() || reply.is_error()) {
                return refuse(found, 503, "not_ready");
            }
            return asking.credential->is_key ? ask_for_key(parked, asking)
                                             : refuse(found, 401, "session_ended");
        });
    });
    return NGX_DONE;
}

// A page elsewhere may send what it likes, with the cookie of whoever looks at it.
bool is_forged(Request request, const Asking& asking) {
    const bool by_cookie = asking.credential && !asking.credential->is_key;
    const bool by_browser = request.header("Sec-Fetch-Site") || request.header("Origin");
    return is_unsafe(request) && (by_cookie || by_browser) && !(asking.credential && asking.credential->is_key) &&
           is_cross_site(request);
}

ngx_int_t begin(Request request, const Visit& visit, std::string_view body) {
    const SettingsPtr event = worker().settings.of(visit.slug);
    if (event == nullptr) {
        return worker().settings.loaded() ? send_problem(request, {.status = 404})
                                          : refuse(request, 503, "not_ready");
    }
    const Asking asking{visit.route, event, visit.path, body, credential_in(request)};
    if (is_forged(request, asking)) {
        return refuse(request, 403, "cross_site");
    }
    return is_open(visit.route->who) ? hand_on(request, request, asking) : identify(request, asking);
}

bool takes_one_of(std::string_view accept, std::string_view types) {
    while (!types.empty()) {
        const std::size_t end = std::min(types.find(' '), types.size());
        if (accepts(accept, types.substr(0, end))) {
            return true;
        }
        types.remove_prefix(std::min(end + 1, types.size()));
    }
    return false;
}

} // namespace

ngx_int_t admit(Request request, const Visit& visit, SettingsPtr event, OnAdmitted then) {
    const Asking asking{visit.route, std::move(event), visit.path, {}, credential_in(request), {}, std::move(then)};
    return is_forged(request, asking) ? refuse(request, 403, "cross_site") : identify(request, asking);
}

ngx_int_t serve_api(Request request, const Visit& visit) {
    if (!takes_one_of(request.header("Accept").value_or(""), visit.route->api.type)) {
        return refuse(request, 406, "not_acceptable");
    }
    // Who knows no chunks cannot tell a broken answer from a whole one.
    if (visit.route->api.desk == Desk::exports && request.raw()->http_version < NGX_HTTP_VERSION_11) {
        return refuse(request, 505, "http_version_not_supported");
    }
    if (!is_unsafe(request)) {
        return begin(request, visit, {});
    }
    const OnBody on_body = [visit](Request whole, std::string_view body) {
        if (!body.empty() && !whole.has_content_type("application/json") &&
            !(visit.route->api.takes_toml && whole.has_content_type("application/toml"))) {
            return send_problem(whole, {.status = 415});
        }
        return begin(whole, visit, body);
    };
    return read_body(request, on_body, visit.route->api.longest);
}

} // namespace mogiri::module
