// A call's way into Redis, the wait for its answer, and the reading of one that is too big to be told.
#include "calls/call.hpp"

#include <optional>
#include <utility>

#include "daemon/contract/call.hpp"
#include "daemon/contract/crash_point.hpp"
#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/redis_keys.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

// What the daemon has not begun by then it leaves; its answer is waited for a little longer.
constexpr std::int64_t read_deadline_ms = 3000, write_deadline_ms = 5000;
constexpr std::int64_t unawaited_deadline_ms = 60'000;
constexpr std::int64_t grace_ms = 1000;
// An export waits for one before it, and is counted before it is begun.
constexpr std::int64_t export_deadline_ms = 10'000, export_grace_ms = 20'000;
// A message may be lost, or go to another worker that asked the same before: the stored answer is the truth.
constexpr ngx_msec_t look_again_ms = 500;
// Of logins, what one after another are done within their time.
constexpr std::string_view most_waiting = "1000", most_logins_waiting = "20", most_exports_waiting = "10";

CallOutcome failure(int status, std::string_view code) {
    return {.status = status, .code = std::string(code), .retry_after = status == 503 ? 1 : 0};
}

// The stream that a desk reads, and how many may wait in it.
std::pair<std::string, std::string_view> queue_of(Desk desk, std::uint32_t event) {
    switch (desk) {
    case Desk::calls:
        return {redis_keys::calls(event), most_waiting};
    case Desk::logins:
        return {redis_keys::logins(event), most_logins_waiting};
    case Desk::exports:
        break;
    }
    return {redis_keys::exports(event), most_exports_waiting};
}

// Owned by the request's pool and by Redis's callbacks under way.
class Calling : public std::enable_shared_from_this<Calling> {
  public:
    Calling(std::shared_ptr<Parked> parked, CallOrder order, OnOutcome respond)
        : parked_(std::move(parked)), order_(std::move(order)), respond_(std::move(respond)) {}

    // Precondition: Redis takes calls.
    void begin();

  private:
    void replied(RedisReply reply);
    void woken(std::string_view json);
    ngx_int_t look_again(Request request);
    void ask();
    void heard(const CallAnswer& answer);
    void fetch(CallOutcome outcome, const BigAnswer& big);

    void finish(const CallOutcome& outcome) {
        waiter_.stop();
        finished_ = true;
        parked_->answer([&](Request request) { return respond_(request, outcome); });
    }

    std::shared_ptr<Parked> parked_;
    CallOrder order_;
    OnOutcome respond_;
    Call call_;
    Answers::Waiter waiter_;
    bool taken_ = false;               // Redis has it
    bool finished_ = false;            // a streamed answer goes on when this is so
    std::optional<CallAnswer> answer_; // heard before Redis replied to the call
};

void Calling::begin() {
    const bool reads = order_.key.empty();
    const std::uint32_t event = order_.event->number;
    call_ = {.id = reads ? random_call_id() : call_id(*worker().conf.keys, event, order_.actor, order_.key),
             .event = event,
             .verb = order_.verb,
             .actor = order_.actor,
             .arguments = order_.arguments,
             .body_hash = call_body_hash(order_.verb, order_.actor, order_.arguments),
             .deadline_ms = now_ms() + (!order_.awaited                ? unawaited_deadline_ms
                                        : order_.desk == Desk::exports ? export_deadline_ms
                                        : reads                        ? read_deadline_ms
                                                                       : write_deadline_ms),
             .reply = order_.awaited ? worker().answers.channel() : "",
             .origin = order_.origin};
    const std::weak_ptr<Calling> weak = weak_from_this();
    // The answer may be announced before the reply to our own command arrives: listen first.
    waiter_ = worker().answers.wait_for(call_.id, [weak](std::string_view json) {
        if (const auto calling = weak.lock()) {
            calling->woken(json);
        }
    });
    const std::string key = redis_keys::call(event, call_.id);
    const auto [calls, most] = queue_of(order_.desk, event);
    const std::string deadline = std::to_string(call_.deadline_ms), text = encode(call_);
    worker().redis.call(
        {"FCALL", "mogiri_call", "2", key, calls, deadline, call_.body_hash, most, passing_call_life_s, text},
        [calling = shared_from_this()](RedisReply reply) { calling->replied(reply); });
    make_in_pool<std::shared_ptr<Calling>>(parked_->request().pool(), shared_from_this());
    parked_->wait_longer(look_again_ms, [weak](Request request) {
        const auto calling = weak.lock();
        return calling->look_again(request);
    });
    MOGIRI_CRASH_POINT("module.call.parked");
}

void Calling::replied(RedisReply reply) {
    if (parked_->gone()) {
        return;
    }
    const std::string_view state = reply.is_array() ? reply[0].text() : "";
    if (state == "NEW" || state == "PENDING") {
        taken_ = true;
        if (!order_.awaited) {
            finish({.status = 202});
        } else if (answer_) {
            heard(*answer_);
        }
    } else if (state == "DECIDED") {
        heard(decode_call_answer(reply[1].text()));
    } else if (state == "CONFLICT") {
        finish(failure(409, "key_reused"));
    } else {
        finish(failure(503, state.empty() ? "not_ready" : "busy"));
    }
}

// By a message with the answer, or by a subscription that was lost and made again. Before Redis has replied
// to our own command nothing may be said: the answer may be to another call under the same key.
void Calling::woken(std::string_view json) {
    if (json.empty()) {
        ask();
    } else if (taken_) {
        heard(decode_call_answer(json));
    } else {
        answer_ = decode_call_answer(json);
    }
}

ngx_int_t Calling::look_again(Request request) {
    const bool exports = order_.desk == Desk::exports;
    if (now_ms() > call_.deadline_ms + (exports ? export_grace_ms : grace_ms)) {
        waiter_.stop();
        return respond_(request, taken_ ? failure(504, "timed_out") : failure(503, "busy"));
    }
    parked_->wait_longer(look_again_ms);
    if (taken_) {
        ask();
    }
    return Parked::still_parked;
}

void Calling::ask() {
    const std::string key = redis_keys::call(call_.event, call_.id);
    worker().redis.call(
        {"FCALL", "mogiri_status", "1", key}, [calling = shared_from_this()](RedisReply reply) {
            const auto answer = reply.is_text() ? stored_call_answer(reply.text()) : std::nullopt;
            if (answer && calling->taken_) {
                calling->heard(*answer);
            }
        });
}

void Calling::heard(const CallAnswer& answer) {
    if (parked_->gone() || finished_) { // a message and the stored answer may both come
        return;
    }
    waiter_.stop();
    CallOutcome outcome{.status = answer.status, .body = answer.body};
    if (answer.status < 400) {
        if (auto streamed = streamed_answer(answer.body)) {
            outcome.stream = std::move(streamed);
            outcome.parked = parked_;
            outcome.call = call_.id;
        } else if (const auto big = big_answer(answer.body)) {
            return fetch(std::move(outcome), *big);
        }
    } else {
        const Json body = parse_json(answer.body);
        outcome.code = text_of(json_object_get(body.get(), "code"));
        outcome.retry_after =
            static_cast<int>(json_integer_value(json_object_get(body.get(), "retry_after")));
    }
    finish(outcome);
}

void Calling::fetch(CallOutcome outcome, const BigAnswer& big) {
    const auto calling = shared_from_this();
    const bool asked = worker().redis.call(
        {"FCALL", "mogiri_big_answer", "1", big.key},
        [calling, outcome = std::move(outcome), type = big.content_type](RedisReply reply) mutable {
            if (!reply.is_text()) {
                return calling->finish(failure(503, "busy"));
            }
            outcome.content_type = type;
            outcome.content = reply.text();
            calling->finish(outcome);
        });
    if (!asked) {
        finish(failure(503, "busy"));
    }
}

CallOutcome not_taken() {
    return failure(503, worker().redis.ready() ? "busy" : "not_ready");
}

} // namespace

ngx_int_t call(const std::shared_ptr<Parked>& parked, CallOrder order, OnOutcome respond) {
    if (!worker().redis.takes_calls()) {
        return respond(parked->request(), not_taken());
    }
    std::make_shared<Calling>(parked, std::move(order), std::move(respond))->begin();
    return Parked::still_parked;
}

ngx_int_t call(Request request, CallOrder order, OnOutcome respond) {
    if (!worker().redis.takes_calls()) {
        return respond(request, not_taken());
    }
    // The call says itself how long it waits.
    const auto parked = Parked::park(request, look_again_ms,
                                     [](Request late) { return send_problem(late, {.status = 503}); });
    call(parked, std::move(order), std::move(respond));
    return NGX_DONE;
}

} // namespace mogiri::module
