// Who is logged in: sessions in Redis, by the hash of their token.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <session.hpp>

#include "../redis.hpp"

namespace mogiri::daemon {

struct OpenSession {
    std::string hash;
    std::int64_t started_ms = 0;
    std::string origin; // the address that it was begun from
};

// What changes an account ends its sessions inside the transaction that holds the account's row locked, and a
// login opens one while it holds the row: so no session outlives the rights that it was opened with.
class Sessions {
  public:
    // `redis` outlives this object.
    explicit Sessions(Redis& redis) : redis_(redis) {}

    void open(std::int64_t account, std::string_view hash, const Principal& principal,
              std::string_view origin, std::chrono::seconds idle, std::chrono::seconds absolute);
    // The oldest first.
    std::vector<OpenSession> list(std::int64_t account);
    void end(std::int64_t account, std::string_view hash);
    void end_all(std::int64_t account);

    // A program's key, which its first use puts here for a minute.
    void lend(std::string_view hash, const Principal& principal);
    void take_back(std::string_view hash);

  private:
    Redis& redis_;
};

} // namespace mogiri::daemon
