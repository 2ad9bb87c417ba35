// Raises an alert when Redis's memory is half full: the rest must last until mogirid has caught up.
#include "memory_watch.hpp"

#include "../journal.hpp"

namespace mogiri::daemon {

namespace {

constexpr int cleared_below = 40; // percent

} // namespace

RedisMemory MemoryWatch::look() {
    const RedisMemory memory = memory_of(redis_);
    if (memory.is_half_full() && raised_ != true)
        raise(memory);
    if (memory.percent() < cleared_below && raised_ != false)
        clear(memory);
    return memory;
}

void MemoryWatch::raise(const RedisMemory& memory) {
    const std::string text =
        "Redis's memory is over half full (" + memory.text() +
        "); when it is full nothing new is taken: let mogirid and PostgreSQL catch up, or "
        "raise maxmemory in redis.conf";
    database_.query("INSERT INTO alert (kind, subject, text) VALUES ('redis_memory', 'redis', $1) "
                    "ON CONFLICT DO NOTHING",
                    {text});
    journal::warn(text);
    raised_ = true;
}

void MemoryWatch::clear(const RedisMemory& memory) {
    const auto cleared = database_.query(
        "UPDATE alert SET cleared_at = now() WHERE kind = 'redis_memory' AND cleared_at IS NULL");
    if (cleared.touched() > 0)
        journal::info("Redis has memory again: " + memory.text());
    raised_ = false;
}

} // namespace mogiri::daemon
