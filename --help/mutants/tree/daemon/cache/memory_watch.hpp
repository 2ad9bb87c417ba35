// Raises an alert when Redis's memory is half full: the rest must last until mogirid has caught up.
#pragma once

#include <optional>

#include "../database.hpp"
#include "../redis_memory.hpp"

namespace mogiri::daemon {

// Owner: the keeper, beside its connections.
class MemoryWatch {
  public:
    MemoryWatch(Redis& redis, Database& database) : redis_(redis), database_(database) {}

    // Raises it from one half on, clears it below two fifths.
    RedisMemory look();

  private:
    void raise(const RedisMemory& memory);
    void clear(const RedisMemory& memory);

    Redis& redis_;
    Database& database_;
    std::optional<bool> raised_; // unknown at first: an alert may stand from a former life
};

} // namespace mogiri::daemon
