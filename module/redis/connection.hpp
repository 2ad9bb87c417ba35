// One socket to Redis on nginx's event loop: connects, authenticates, frames commands and replies, comes back
// when cut.
//
// Owner: RedisLink or RedisSubscriber, one each a worker. Knows nothing of what the commands mean.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ngx.hpp"
#include "redis/flat_reply.hpp"
#include "redis/reply.hpp"

struct redisReader;

namespace mogiri::module {

// Where Redis listens and as whom we come; parsed from the directives in nginx's master process.
struct RedisAddress {
    std::string name; // as configured, for logs
    sockaddr_storage socket{};
    socklen_t socket_length = 0;
    std::string user, password; // "" : no AUTH
};

class RedisConnection {
  public:
    struct Events {
        std::function<void()> connected;         // authenticated; the first command may be sent
        std::function<void(RedisReply)> replied; // replies come in the order of the commands
        std::function<void()> broken;            // all that was asked and not answered is lost
    };

    RedisConnection(const RedisAddress& address, ngx_log_t* log, Events events);
    ~RedisConnection();
    RedisConnection(const RedisConnection&) = delete;
    RedisConnection& operator=(const RedisConnection&) = delete;

    // Goes out at the end of this turn, together with whatever else was sent in it. Precondition:
    // connected().
    void send(std::span<const std::string_view> command);
    bool connected() const { return state_ == State::open; }
    // Cuts it; broken() is called, and a new connection follows.
    void drop(const char* why);

    static constexpr ngx_msec_t shortest_pause = 50, longest_pause = 1000; // between attempts, milliseconds

  private:
    enum class State { away, connecting, authenticating, open };

    struct FreeReader {
        void operator()(redisReader* reader) const noexcept;
    };

    void connect();
    void opened();
    void enter();
    void write();
    void read();
    void take_replies(std::string_view bytes);
    void take_flat_replies(std::string_view& bytes);
    void take_reply(RedisReply reply);
    void close();
    void retry_later();
    static RedisConnection& of(ngx_event_t* event);

    const RedisAddress& address_;
    ngx_log_t* log_;
    Events events_;
    State state_ = State::away;
    ngx_connection_t* socket_ = nullptr;
    std::unique_ptr<redisReader, FreeReader> reader_;
    bool reader_has_begun_ = false; // a reply of which the rest is to come
    FlatReply flat_;
    std::string out_;
    std::size_t written_ = 0;
    ngx_msec_t pause_ = shortest_pause;
    Timer reconnect_;
    EndOfTurn flush_;
};

} // namespace mogiri::module
