// Which calls were done, and what was answered to them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <call.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

struct DoneCall {
    std::string body_hash;
    int status = 200;
    std::string body;                   // JSON
    std::vector<std::uint64_t> serials; // of the tickets that it changed
};

class CallLedger {
  public:
    // As long as Redis keeps the answers, and a little more.
    static constexpr const char* kept = "8 days";

    // `database` outlives this object.
    explicit CallLedger(Database& database) : database_(database) {}

    // Inside the caller's transaction, whose end frees the lock: two who have the same call wait for each
    // other.
    void lock(const Call& call);
    std::optional<DoneCall> find(const Call& call);
    // Inside the transaction that does what the call asks for.
    void note(const Call& call, const DoneCall& done);

    // Forgets what nobody repeats any more.
    void tidy();

  private:
    Database& database_;
};

} // namespace mogiri::daemon
