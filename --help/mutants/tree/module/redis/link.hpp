// A worker's connection to Redis for calls: pipelined, one write per turn of the event loop, reconnecting by
// itself.
//
// Owner: the Worker, from init_process to exit_process. Callbacks live here, outside every request's pool,
// until Redis answered or the connection broke; they run with no reply (lost()) in the second case, in the
// order of the calls.
#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "redis/connection.hpp"
#include "redis/reply.hpp"
#include "zone.hpp"

namespace mogiri::module {

class RedisLink {
  public:
    using OnReply = std::function<void(RedisReply)>;
    using Arguments = std::span<const std::string_view>;

    static constexpr std::size_t most_in_flight = 4096;

    RedisLink(const RedisAddress& address, Zone& zone, ngx_log_t* log);

    // Puts the command under way. False, with nothing done and `on_reply` dropped, when Redis is away or too
    // much is in flight already; the caller answers 503. `on_reply` never runs before call() has returned.
    bool call(Arguments command, OnReply on_reply);
    bool call(std::initializer_list<std::string_view> command, OnReply on_reply) {
        return call(Arguments(command.begin(), command.size()), std::move(on_reply));
    }

    // Whether call() would be done now. To be asked before a request is parked: while its handler runs, a
    // parked request cannot be answered (http/parked.hpp).
    bool takes_calls() const { return ready_ && waiting_.size() < most_in_flight; }

    // Connected, authenticated, and run_id known.
    bool ready() const { return ready_; }
    std::size_t in_flight() const { return waiting_.size(); }
    // Redis's run_id as this connection learned it; what writing functions are told. "" while not ready.
    std::string_view run_id() const { return run_id_; }

    // Called each time the link becomes ready.
    void when_ready(std::function<void()> callback) { when_ready_ = std::move(callback); }

  private:
    struct Waiting {
        OnReply on_reply;
        std::uint64_t since; // microseconds
        bool ours;           // handshake and ping: not counted as a round trip
    };

    void send(Arguments command, OnReply on_reply, bool ours);
    void connected();
    void learn_run_id(RedisReply reply);
    void replied(RedisReply reply);
    void broken();
    void watch();

    ngx_log_t* log_;
    Zone& zone_;
    std::deque<Waiting> waiting_;
    std::string run_id_;
    std::function<void()> when_ready_;
    bool ready_ = false;
    Timer watch_;
    RedisConnection connection_;
};

} // namespace mogiri::module
