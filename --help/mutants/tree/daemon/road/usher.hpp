// Moves the waiting list up and lets unconfirmed applications lapse: at once when notified, by a sweep
// otherwise.
#pragma once

#include <stop_token>

#include "../database.hpp"
#include "../ledger/waiting_list.hpp"
#include "../pulse.hpp"

namespace mogiri::daemon {

// One thread's life with its connection. Throws LostDatabase and refusals. Any number of daemons may have
// one.
class Usher {
  public:
    Usher(const std::string& conninfo, std::uint8_t signing_key);

    // Returns at the stop.
    void attend_until(const std::stop_token& stop, Pulse& pulse);

  private:
    Database database_;
    WaitingList list_;
};

} // namespace mogiri::daemon
