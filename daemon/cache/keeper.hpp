// Keeps Redis fit for the door: functions loaded, groups made, events rebuilt when Redis lost them.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "../configuration.hpp"
#include "../database.hpp"
#include "../ledger/settings_book.hpp"
#include "../pulse.hpp"
#include "../redis.hpp"
#include "../status_line.hpp"
#include "memory_watch.hpp"
#include "rebuild.hpp"

namespace mogiri::daemon {

class Keeper {
  public:
    static constexpr const char* name = "keeper"; // of its thread

    Keeper(const Configuration& configuration, Pulse& pulse, StatusLine& status);

    // The thread's life. Throws LostRedis, LostDatabase, refusals.
    void keep(const std::stop_token& stop);

    // One look at everything. Public for tests.
    void look();

  private:
    bool is_durable();
    void replace_functions();
    void provide_functions();
    void close_all();
    void note_batch(std::uint32_t event);
    void tell_status();

    Pulse& pulse_;
    StatusLine& status_;
    Redis redis_;
    Database database_;
    SettingsBook book_;
    CacheLedger cache_;
    Rebuild rebuild_;
    MemoryWatch memory_;
    std::string undurable_; // what was said about it last
    std::chrono::steady_clock::time_point next_step_logged_;
};

} // namespace mogiri::daemon
