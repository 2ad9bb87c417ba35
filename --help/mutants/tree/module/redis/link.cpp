// Calls and their callbacks, in the order in which Redis answers them.
#include "redis/link.hpp"

#include <utility>

#include "daemon/contract/crash_point.hpp"

namespace mogiri::module {

namespace {

constexpr ngx_msec_t watch_interval = 1000;
constexpr ngx_msec_t silence = 5000; // without any answer; then the connection is taken for dead
constexpr std::size_t run_id_length = 40;

std::string_view run_id_in(std::string_view info) {
    constexpr std::string_view label = "run_id:";
    const std::size_t at = info.find(label);
    return at == std::string_view::npos ? std::string_view() : info.substr(at + label.size(), run_id_length);
}

} // namespace

RedisLink::RedisLink(const RedisAddress& address, Zone& zone, ngx_log_t* log)
    : log_(log), zone_(zone), watch_(log, Timer::Exit::ignores_it, [this] { watch(); }),
      connection_(
          address, log,
          {[this] { connected(); }, [this](RedisReply reply) { replied(reply); }, [this] { broken(); }}) {
    watch_.start(watch_interval);
}

bool RedisLink::call(Arguments command, OnReply on_reply) {
    if (!takes_calls()) {
        return false;
    }
    send(command, std::move(on_reply), false);
    return true;
}

void RedisLink::send(Arguments command, OnReply on_reply, bool ours) {
    waiting_.push_back({std::move(on_reply), steady_microseconds(), ours});
    zone_.in_flight(waiting_.size());
    connection_.send(command);
}

void RedisLink::connected() {
    const std::string_view info[] = {"INFO", "server"};
    send(
        info, [this](RedisReply reply) { learn_run_id(reply); }, true);
}

void RedisLink::learn_run_id(RedisReply reply) {
    if (reply.lost()) {
        return;
    }
    run_id_ = run_id_in(reply.text());
    if (run_id_.size() != run_id_length) {
        connection_.drop("INFO does not name its run_id");
        return;
    }
    ready_ = true;
    zone_.linked(true);
    MOGIRI_CRASH_POINT("module.redis.ready");
    ngx_log_error(NGX_LOG_NOTICE, log_, 0, "mogiri: connected to Redis, run_id %s", run_id_.c_str());
    if (when_ready_) {
        when_ready_();
    }
}

void RedisLink::replied(RedisReply reply) {
    if (waiting_.empty()) {
        connection_.drop("it answered what nobody asked");
        return;
    }
    const Waiting answered = std::move(waiting_.front());
    waiting_.pop_front();
    zone_.in_flight(waiting_.size());
    if (!answered.ours) {
        zone_.count_round_trip(steady_microseconds() - answered.since);
    }
    guarded(log_, [&] { answered.on_reply(reply); });
}

void RedisLink::broken() {
    ready_ = false;
    run_id_.clear();
    zone_.linked(false);
    zone_.in_flight(0);
    // Callbacks may call again (and are told no), so the list is out of reach first.
    const std::deque<Waiting> lost = std::exchange(waiting_, {});
    for (const Waiting& waiting : lost) {
        guarded(log_, [&] { waiting.on_reply(RedisReply(nullptr)); });
        MOGIRI_CRASH_POINT("module.redis.loss_told");
    }
}

void RedisLink::watch() {
    watch_.start(watch_interval);
    if (!connection_.connected()) {
        return;
    }
    if (waiting_.empty()) {
        const std::string_view ping[] = {"PING"};
        send(
            ping, [](RedisReply) {}, true);
    } else if (steady_microseconds() - waiting_.front().since > silence * 1000) {
        connection_.drop("it has not answered for 5 seconds");
    }
}

} // namespace mogiri::module
