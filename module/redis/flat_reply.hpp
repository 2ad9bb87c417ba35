// Redis's reply to a batch of scans, read where it lies: an array of integers and strings, arrived whole.
//
// Owner: RedisConnection. Nothing is allocated or copied; whatever has another shape is for hiredis's reader.
#pragma once

#include <array>
#include <string_view>

#include <hiredis/hiredis.h>

namespace mogiri::module {

class FlatReply {
  public:
    static constexpr std::size_t most_elements = 80; // a batch has 64 scans and two numbers

    // Takes a reply off the front of `bytes` and returns it: a view of them, until the next call. Null, and
    // nothing taken, when there is none of that shape or not all of it.
    const redisReply* take(std::string_view& bytes);

  private:
    bool read_element(std::string_view& bytes, redisReply& element);

    std::array<redisReply, most_elements> elements_{};
    std::array<redisReply*, most_elements> places_{};
    redisReply whole_{};
};

} // namespace mogiri::module
