// One synchronous connection to Redis: arguments by length, replies in owners, pipelines.
//
// Owner: one thread. Throws LostRedis when the connection breaks or an answer is later than the timeout;
// make a new Redis then, after a pause.
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>

#include "owned.hpp"

namespace mogiri::daemon {

class LostRedis : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Redis answered with an error: "NOTREADY …", "OOM …", "ERR …".
class RefusedCommand : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
    bool starts_with(std::string_view code) const { return std::string_view(what()).starts_with(code); }
};

// A part of a reply, valid as long as the Reply it belongs to.
class ReplyView {
  public:
    explicit ReplyView(const redisReply* reply) : reply_(reply) {}

    bool is_nil() const { return reply_->type == REDIS_REPLY_NIL; }
    bool is_error() const { return reply_->type == REDIS_REPLY_ERROR; }
    bool is_list() const { return reply_->type == REDIS_REPLY_ARRAY; }
    // Of a string, a status or an error; empty for others.
    std::string_view text() const { return {reply_->str ? reply_->str : "", reply_->str ? reply_->len : 0}; }
    std::string string() const { return std::string(text()); }
    std::int64_t integer() const { return reply_->integer; }
    std::size_t size() const { return is_list() ? reply_->elements : 0; }
    // Throws std::out_of_range.
    ReplyView operator[](std::size_t index) const;

  private:
    const redisReply* reply_;
};

class Reply : public ReplyView {
  public:
    explicit Reply(redisReply* reply) : ReplyView(reply), owner_(reply) {}

  private:
    Owned<redisReply, freeReplyObject> owner_;
};

struct RedisAddress {
    std::string socket;         // a path, or "127.0.0.1:6379"
    std::string user, password; // empty: no AUTH
};

class Redis {
  public:
    // Throws LostRedis, also when AUTH is refused.
    explicit Redis(const RedisAddress& address, std::chrono::milliseconds timeout = std::chrono::seconds(5));

    // Throws RefusedCommand when Redis answers with an error.
    Reply command(std::initializer_list<std::string_view> arguments) { return command(list(arguments)); }
    Reply command(std::span<const std::string_view> arguments);
    Reply command(const std::vector<std::string>& arguments);

    // A pipeline: queue commands, then flush() sends them all and returns a reply for each, error replies
    // among them.
    void queue(std::initializer_list<std::string_view> arguments) { queue(list(arguments)); }
    void queue(std::span<const std::string_view> arguments);
    void queue(const std::vector<std::string>& arguments);
    std::vector<Reply> flush();
    // Sends what is queued; flush() fetches the replies later. Until then nothing else may be asked.
    void send();

    // Of the server, another one after every start of it: as INFO told when first asked on this connection.
    const std::string& run_id();

  private:
    static std::span<const std::string_view> list(std::initializer_list<std::string_view> arguments) {
        return {arguments.begin(), arguments.size()};
    }
    Reply next_reply();
    [[noreturn]] void lose();

    Owned<redisContext, redisFree> context_;
    std::size_t queued_ = 0;
    std::string run_id_;
};

} // namespace mogiri::daemon
