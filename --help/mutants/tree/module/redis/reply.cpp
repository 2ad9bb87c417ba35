// hiredis's reply tree behind a small view.
#include "redis/reply.hpp"

#include <hiredis/hiredis.h>

namespace mogiri::module {

namespace {

bool has_type(const redisReply* reply, int type) {
    return reply != nullptr && reply->type == type;
}

const redisReply* nil() {
    static const redisReply nothing = [] {
        redisReply reply{};
        reply.type = REDIS_REPLY_NIL;
        return reply;
    }();
    return &nothing;
}

} // namespace

bool RedisReply::is_error() const {
    return has_type(reply_, REDIS_REPLY_ERROR);
}
bool RedisReply::is_nil() const {
    return has_type(reply_, REDIS_REPLY_NIL);
}
bool RedisReply::is_integer() const {
    return has_type(reply_, REDIS_REPLY_INTEGER);
}
bool RedisReply::is_array() const {
    return has_type(reply_, REDIS_REPLY_ARRAY);
}
bool RedisReply::is_text() const {
    return has_type(reply_, REDIS_REPLY_STRING) || has_type(reply_, REDIS_REPLY_STATUS);
}

std::string_view RedisReply::text() const {
    if (is_text() || is_error()) {
        return {reply_->str, static_cast<std::size_t>(reply_->len)};
    }
    return {};
}

bool RedisReply::is_error(std::string_view word) const {
    if (!is_error() || !text().starts_with(word)) {
        return false;
    }
    return text().size() == word.size() || text()[word.size()] == ' ';
}

long long RedisReply::integer() const {
    return is_integer() ? reply_->integer : 0;
}

std::size_t RedisReply::size() const {
    return is_array() ? reply_->elements : 0;
}

RedisReply RedisReply::operator[](std::size_t index) const {
    return RedisReply(index < size() ? reply_->element[index] : nil());
}

} // namespace mogiri::module
