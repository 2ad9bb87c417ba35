// The socket to Redis: nginx's own connect and events around hiredis's reply parser, and one of our own for scans.
//
// hiredis 0.14's asynchronous half has no timeouts, reads 16 KiB an event and frees what is pending in the
// middle of a callback; its parser has none of that, and nginx already knows how to connect and when to read.
#include "redis/connection.hpp"

#include <algorithm>
#include <charconv>

#include <hiredis/hiredis.h>

#include "daemon/contract/crash_point.hpp"

namespace mogiri::module {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr ngx_msec_t connect_wait = 1000;

struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using OwnedReply = std::unique_ptr<redisReply, FreeReply>;

void append_number(std::string& out, char sign, std::size_t number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out += sign;
    out.append(digits, end);
    out += "\r\n";
}

} // namespace

void RedisConnection::FreeReader::operator()(redisReader* reader) const noexcept {
    redisReaderFree(reader);
}

RedisConnection::RedisConnection(const RedisAddress& address, ngx_log_t* log, Events events)
    : address_(address), log_(log), events_(std::move(events)),
      reconnect_(log, Timer::Exit::ignores_it,
                 [this] {
                     if (state_ == State::away) {
                         connect();
                     } else {
                         drop("it did not let us in within a second");
                     }
                 }),
      flush_(log, [this] { write(); }) {
    reconnect_.start(1);
}

RedisConnection::~RedisConnection() {
    close();
}

RedisConnection& RedisConnection::of(ngx_event_t* event) {
    return *static_cast<RedisConnection*>(static_cast<ngx_connection_t*>(event->data)->data);
}

void RedisConnection::connect() {
    ngx_str_t name = borrowed(address_.name);
    ngx_peer_connection_t peer{};
    peer.sockaddr = reinterpret_cast<sockaddr*>(const_cast<sockaddr_storage*>(&address_.socket));
    peer.socklen = address_.socket_length;
    peer.name = &name;
    peer.get = ngx_event_get_peer;
    peer.log = log_;
    peer.log_error = NGX_ERROR_ERR;
    peer.so_keepalive = address_.socket.ss_family != AF_UNIX ? 1 : 0;

    const ngx_int_t result = ngx_event_connect_peer(&peer);
    if (result != NGX_OK && result != NGX_AGAIN) {
        if (peer.connection != nullptr) {
            ngx_close_connection(peer.connection);
        }
        retry_later();
        return;
    }
    socket_ = peer.connection;
    socket_->data = this;
    socket_->log = socket_->read->log = socket_->write->log = log_;
    socket_->idle = 1;
    if (address_.socket.ss_family != AF_UNIX && ngx_tcp_nodelay(socket_) != NGX_OK) {
        drop("its socket cannot be set up");
        return;
    }
    socket_->read->handler = [](ngx_event_t* event) { guarded(event->log, [event] { of(event).read(); }); };
    socket_->write->handler = [](ngx_event_t* event) { guarded(event->log, [event] { of(event).write(); }); };
    reader_.reset(redisReaderCreate());
    if (reader_ == nullptr) {
        drop("out of memory");
        return;
    }
    reader_->maxbuf = 4 * read_size;
    state_ = State::connecting;
    reconnect_.start(connect_wait);
    MOGIRI_CRASH_POINT("module.redis.connecting");
    if (result == NGX_OK) {
        opened();
    }
}

void RedisConnection::opened() {
    state_ = State::authenticating;
    if (address_.password.empty()) {
        enter();
        return;
    }
    const std::string_view with_user[] = {"AUTH", address_.user, address_.password};
    send(with_user);
}

void RedisConnection::enter() {
    state_ = State::open;
    reconnect_.stop();
    pause_ = shortest_pause;
    events_.connected();
}

void RedisConnection::send(std::span<const std::string_view> command) {
    append_number(out_, '*', command.size());
    for (const std::string_view argument : command) {
        append_number(out_, '$', argument.size());
        out_ += argument;
        out_ += "\r\n";
    }
    flush_.request();
}

void RedisConnection::write() {
    if (socket_ == nullptr) {
        return;
    }
    if (state_ == State::connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        if (getsockopt(socket_->fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1) {
            error = ngx_errno;
        }
        if (error != 0) {
            drop("connecting failed");
            return;
        }
        opened();
    }
    while (written_ < out_.size()) {
        const ssize_t sent =
            socket_->send(socket_, reinterpret_cast<u_char*>(out_.data()) + written_, out_.size() - written_);
        if (sent == NGX_AGAIN) {
            if (ngx_handle_write_event(socket_->write, 0) != NGX_OK) {
                drop("its events cannot be had");
            }
            return;
        }
        if (sent < 0) {
            drop("writing failed");
            return;
        }
        written_ += static_cast<std::size_t>(sent);
    }
    out_.clear();
    written_ = 0;
    MOGIRI_CRASH_POINT("module.redis.written");
}

void RedisConnection::read() {
    // An idle connection hears of a worker's leaving here. It is still needed by parked requests, so it stays
    // until exit_process, unless the time for leaving is up.
    if (socket_->close && socket_->error) {
        drop("the worker's time to leave is up");
        return;
    }
    char buffer[read_size];
    while (socket_ != nullptr) {
        const ssize_t got = socket_->recv(socket_, reinterpret_cast<u_char*>(buffer), sizeof buffer);
        if (got == NGX_AGAIN) {
            if (ngx_handle_read_event(socket_->read, 0) != NGX_OK) {
                drop("its events cannot be had");
            }
            return;
        }
        if (got <= 0) {
            drop(got == 0 ? "it closed the connection" : "reading failed");
            return;
        }
        take_replies({buffer, static_cast<std::size_t>(got)});
    }
}

void RedisConnection::take_replies(std::string_view bytes) {
    take_flat_replies(bytes);
    if (bytes.empty() || socket_ == nullptr) {
        return;
    }
    redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
    // A callback may cut the connection, and its reader with it.
    while (socket_ != nullptr) {
        void* taken = nullptr;
        if (redisReaderGetReply(reader_.get(), &taken) != REDIS_OK) {
            drop("it does not speak Redis's protocol");
            return;
        }
        if (taken == nullptr) {
            reader_has_begun_ = reader_->ridx != -1 || reader_->pos < reader_->len;
            return;
        }
        const OwnedReply owned(static_cast<redisReply*>(taken));
        take_reply(RedisReply(owned.get()));
    }
}

// Those in front, as long as they are whole and of the simple shape that scans have.
void RedisConnection::take_flat_replies(std::string_view& bytes) {
    while (socket_ != nullptr && state_ == State::open && !reader_has_begun_) {
        const redisReply* reply = flat_.take(bytes);
        if (reply == nullptr) {
            return;
        }
        take_reply(RedisReply(reply));
    }
}

void RedisConnection::take_reply(RedisReply reply) {
    if (state_ == State::open) {
        events_.replied(reply);
    } else if (reply.is_error()) {
        drop("it refused our user or password (mogiri_redis_auth)");
    } else {
        enter();
    }
}

void RedisConnection::drop(const char* why) {
    ngx_log_error(NGX_LOG_WARN, log_, 0, "mogiri: lost Redis at %s: %s", address_.name.c_str(), why);
    const bool was_open = state_ == State::open;
    close();
    retry_later();
    MOGIRI_CRASH_POINT("module.redis.dropped");
    if (was_open) {
        events_.broken();
    }
}

void RedisConnection::close() {
    state_ = State::away;
    flush_.cancel();
    reconnect_.stop();
    if (socket_ != nullptr) {
        ngx_close_connection(socket_);
        socket_ = nullptr;
    }
    reader_.reset();
    reader_has_begun_ = false;
    out_.clear();
    written_ = 0;
}

void RedisConnection::retry_later() {
    state_ = State::away;
    reconnect_.start(pause_);
    pause_ = std::min(2 * pause_, longest_pause);
}

} // namespace mogiri::module
