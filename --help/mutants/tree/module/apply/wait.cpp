// An application's journey: into Redis with others, then the wait for what the daemon says to it.
#include "apply/wait.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "apply/status_answer.hpp"
#include "daemon/contract/crash_point.hpp"
#include "daemon/contract/redis_keys.hpp"
#include "http/parked.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

// What Redis has not begun by then it leaves, since the client may have gone; it is asked a little longer.
constexpr std::int64_t longest_call_ms = 2000;
constexpr ngx_msec_t longest_reply_ms = 2500;
// So often somebody who waits for the daemon looks whether a backlog has come up behind.
constexpr ngx_msec_t look_ms = 50;

// Owned by the request's pool and by the calls under way. When the request ends, so does the wait for an
// answer.
class Journey : public std::enable_shared_from_this<Journey> {
  public:
    explicit Journey(Application application) : application_(std::move(application)) {}

    ngx_int_t begin(Request request);

  private:
    void replied(const Intake::Said& said);
    void taken(long long age);
    ngx_int_t waited(Request request);
    void woken(std::string_view json);
    void ask();
    void heard(const Answer& answer);

    // The wait is over before the request may be.
    template <class Respond> void finish(const Respond& respond) {
        waiter_.stop();
        parked_->answer([&](Request request) { return respond(request, application_); });
    }
    void not_taken(std::string_view code) {
        finish([code](Request request, const Application& application) {
            return answer_not_taken(request, application, code);
        });
    }

    Application application_;
    std::shared_ptr<Parked> parked_;
    Answers::Waiter waiter_;
    bool taken_ = false;           // Redis has it
    ngx_msec_t give_up_at_ = 0;    // and says 202
    std::optional<Answer> answer_; // heard before Redis replied to the call
};

ngx_int_t Journey::begin(Request request) {
    const LocationConf& conf = request.location_conf();
    const std::uint32_t event = application_.event->number;
    const std::weak_ptr<Journey> weak = weak_from_this();
    // The decision may be announced before the reply to our call arrives: listen first.
    waiter_ = worker().answers.wait_for(application_.id, [weak](std::string_view json) {
        if (const auto journey = weak.lock()) {
            journey->woken(json);
        }
    });

    const ApplyJob job = apply_job(application_.submission, *application_.event, application_.id,
                                   worker().answers.channel(), now_ms());
    const bool sent = worker().intake.join(
        event,
        {.key = redis_keys::application(event, application_.id),
         .deadline = std::to_string(now_ms() + longest_call_ms),
         .body_hash = job.body_hash,
         .high_water = std::to_string(conf.high_water),
         .job = encode(job),
         .on_said = [journey = shared_from_this()](const Intake::Said& said) { journey->replied(said); }});
    if (!sent) {
        waiter_.stop();
        return answer_not_taken(request, application_, worker().redis.ready() ? "busy" : "not_ready");
    }
    make_in_pool<std::shared_ptr<Journey>>(request.pool(), shared_from_this());
    parked_ = Parked::park(request, longest_reply_ms,
                           [weak](Request waiting) { return weak.lock()->waited(waiting); });
    MOGIRI_CRASH_POINT("module.apply.parked");
    return NGX_DONE;
}

void Journey::replied(const Intake::Said& said) {
    if (parked_ == nullptr || parked_->gone()) {
        return;
    }
    MOGIRI_CRASH_POINT("module.apply.replied");
    if (said.state == "NEW" || said.state == "PENDING") {
        taken(said.age);
    } else if (said.state == "DECIDED") {
        heard(decode_answer(said.answer));
    } else if (said.state == "CONFLICT") {
        finish(answer_reused);
    } else {
        not_taken(said.not_ready ? "not_ready" : "busy");
    }
}

void Journey::taken(long long age) {
    taken_ = true;
    const ngx_msec_t wait = parked_->request().location_conf().wait;
    if (answer_) {
        heard(*answer_);
    } else if (worker().backlog.saw(application_.event->number, age) || wait == 0) {
        finish(answer_accepted);
    } else {
        give_up_at_ = ngx_current_msec + wait;
        parked_->wait_longer(std::min(wait, look_ms));
        MOGIRI_CRASH_POINT("module.apply.waiting");
    }
}

ngx_int_t Journey::waited(Request request) {
    const auto left = static_cast<ngx_msec_int_t>(give_up_at_ - ngx_current_msec);
    if (taken_ && left > 0 && !worker().backlog.is_there(application_.event->number)) {
        parked_->wait_longer(std::min(static_cast<ngx_msec_t>(left), look_ms));
        return Parked::still_parked;
    }
    waiter_.stop();
    return taken_ ? answer_accepted(request, application_) : answer_not_taken(request, application_, "busy");
}

// By a message with the answer, or by a subscription that was lost and made again. Before Redis has replied
// to our own call nothing may be said: the answer may be to other contents under the same key.
void Journey::woken(std::string_view json) {
    if (json.empty()) {
        ask();
    } else if (taken_) {
        heard(decode_answer(json));
    } else {
        answer_ = decode_answer(json);
    }
}

void Journey::ask() {
    const std::string key = redis_keys::application(application_.event->number, application_.id);
    const auto journey = shared_from_this();
    worker().redis.call({"FCALL", "mogiri_status", "1", key}, [journey](RedisReply reply) {
        const auto answer = reply.is_text() ? stored_answer(reply.text()) : std::nullopt;
        if (answer && journey->taken_) {
            journey->heard(*answer);
        }
    });
}

void Journey::heard(const Answer& answer) {
    if (parked_->gone()) {
        return;
    }
    finish([&answer](Request request, const Application& application) {
        return answer_decided(request, application, answer);
    });
}

} // namespace

ngx_int_t put_on_its_way(Request request, Application application) {
    return std::make_shared<Journey>(std::move(application))->begin(request);
}

} // namespace mogiri::module
