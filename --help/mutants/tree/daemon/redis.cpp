// One synchronous connection to Redis: arguments by length, replies in owners, pipelines.
#include "redis.hpp"

#include <charconv>

namespace mogiri::daemon {

namespace {

timeval to_timeval(std::chrono::milliseconds time) {
    return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

redisContext* connect(const std::string& socket, timeval timeout) {
    if (socket.starts_with('/'))
        return redisConnectUnixWithTimeout(socket.c_str(), timeout);
    const std::size_t colon = socket.rfind(':');
    int port = 6379;
    if (colon != std::string::npos)
        std::from_chars(&socket[colon] + 1, socket.data() + socket.size(), port);
    return redisConnectWithTimeout(socket.substr(0, colon).c_str(), port, timeout);
}

} // namespace

ReplyView ReplyView::operator[](std::size_t index) const {
    if (index >= size())
        throw std::out_of_range("Redis answered with a shorter list than expected");
    return ReplyView(reply_->element[index]);
}

Redis::Redis(const RedisAddress& address, std::chrono::milliseconds timeout)
    : context_(connect(address.socket, to_timeval(timeout))) {
    if (!context_)
        throw LostRedis("out of memory");
    if (context_->err)
        throw LostRedis(address.socket + ": " + context_->errstr);
    redisSetTimeout(context_.get(), to_timeval(timeout));
    if (address.password.empty())
        return;
    try {
        if (address.user.empty())
            command({"AUTH", address.password});
        else
            command({"AUTH", address.user, address.password});
    } catch (const RefusedCommand& refused) {
        throw LostRedis(address.socket + ": " + refused.what());
    }
}

Reply Redis::command(std::span<const std::string_view> arguments) {
    queue(arguments);
    Reply reply = std::move(flush().front());
    if (reply.is_error())
        throw RefusedCommand(reply.string());
    return reply;
}

Reply Redis::command(const std::vector<std::string>& arguments) {
    const std::vector<std::string_view> views(arguments.begin(), arguments.end());
    return command(std::span(views));
}

void Redis::queue(std::span<const std::string_view> arguments) {
    std::vector<const char*> values;
    std::vector<std::size_t> lengths;
    values.reserve(arguments.size());
    lengths.reserve(arguments.size());
    for (std::string_view argument : arguments) {
        values.push_back(argument.data());
        lengths.push_back(argument.size());
    }
    if (!context_)
        throw LostRedis("the connection was given up");
    if (redisAppendCommandArgv(context_.get(), static_cast<int>(values.size()), values.data(),
                               lengths.data()) != REDIS_OK)
        lose();
    ++queued_;
}

void Redis::queue(const std::vector<std::string>& arguments) {
    const std::vector<std::string_view> views(arguments.begin(), arguments.end());
    queue(std::span(views));
}

std::vector<Reply> Redis::flush() {
    std::vector<Reply> replies;
    replies.reserve(queued_);
    for (; queued_ > 0; --queued_)
        replies.push_back(next_reply());
    return replies;
}

void Redis::send() {
    if (!context_)
        throw LostRedis("the connection was given up");
    for (int done = 0; !done;)
        if (redisBufferWrite(context_.get(), &done) != REDIS_OK)
            lose();
}

const std::string& Redis::run_id() {
    if (!run_id_.empty())
        return run_id_;
    const Reply reply = command({"INFO", "server"});
    const std::string_view info = reply.text();
    constexpr std::string_view name = "\nrun_id:";
    const std::size_t at = info.find(name);
    if (at == std::string_view::npos)
        throw RefusedCommand("INFO server names no run_id");
    return run_id_ = info.substr(at + name.size(), 40);
}

Reply Redis::next_reply() {
    void* reply = nullptr;
    if (!context_ || redisGetReply(context_.get(), &reply) != REDIS_OK || !reply)
        lose();
    return Reply(static_cast<redisReply*>(reply));
}

// The connection is closed with what was half read, so that no reply is ever taken for another command's.
void Redis::lose() {
    std::string why = context_ && context_->err ? context_->errstr : "connection lost";
    context_.reset();
    queued_ = 0;
    throw LostRedis("Redis: " + why);
}

} // namespace mogiri::daemon
