// Who builds or mends an event's cache does it alone: a session's advisory lock, taken at once or not at all.
#pragma once

#include <cstdint>

#include "../database.hpp"

namespace mogiri::daemon {

class RebuildLock {
  public:
    // `database` outlives this object.
    RebuildLock(Database& database, std::uint32_t event);
    RebuildLock(const RebuildLock&) = delete;
    RebuildLock& operator=(const RebuildLock&) = delete;
    ~RebuildLock();

    bool held() const { return held_; }

  private:
    Database& database_;
    std::uint32_t event_;
    bool held_;
};

} // namespace mogiri::daemon
