// A view of a reply from Redis, or of the lack of one.
#pragma once

#include <cstddef>
#include <string_view>

struct redisReply;

namespace mogiri::module {

// Points into the reply that the link holds while it calls back; copy what must live longer.
class RedisReply {
  public:
    explicit RedisReply(const redisReply* reply) : reply_(reply) {}

    // The connection broke before a reply: what was asked may or may not have been done.
    bool lost() const { return reply_ == nullptr; }
    bool is_error() const;
    bool is_nil() const;
    bool is_text() const;
    bool is_integer() const;
    bool is_array() const;

    // Of a string, status or error; "" of anything else.
    std::string_view text() const;
    // Whether it is an error that begins with that word: "NOTREADY", "SETTINGS".
    bool is_error(std::string_view word) const;
    long long integer() const;
    // Of an array; a reply that is out of reach reads as nil.
    std::size_t size() const;
    RedisReply operator[](std::size_t index) const;

  private:
    const redisReply* reply_;
};

} // namespace mogiri::module
