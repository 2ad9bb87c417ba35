// How full Redis is.
#include "redis_memory.hpp"

#include <charconv>

namespace mogiri::daemon {

namespace {

std::int64_t field(std::string_view info, std::string_view name) {
    const std::string start = "\n" + std::string(name) + ":";
    const std::size_t at = info.find(start);
    if (at == std::string_view::npos)
        throw RefusedCommand("INFO memory names no " + std::string(name));
    std::int64_t value = 0;
    std::from_chars(info.data() + at + start.size(), info.data() + info.size(), value);
    return value;
}

std::string megabytes(std::int64_t bytes) {
    return std::to_string((bytes + (1 << 19)) >> 20);
}

} // namespace

std::string RedisMemory::text() const {
    return megabytes(used) + " of " + megabytes(most) + " MB, " + std::to_string(percent()) + " %";
}

RedisMemory memory_of(Redis& redis) {
    const Reply info = redis.command({"INFO", "memory"});
    return {field(info.text(), "used_memory"), field(info.text(), "maxmemory")};
}

} // namespace mogiri::daemon
