// Finds owed mail that nobody works on and puts it back into the stream: retries that are due, rows whose job
// was lost on the way, leases of dead workers.
#pragma once

#include <chrono>
#include <stop_token>

#include "../database.hpp"
#include "../pulse.hpp"
#include "../redis.hpp"
#include "outbox.hpp"
#include "post_office.hpp"

namespace mogiri::daemon {

// One thread's life. Any number of daemons may sweep at once: a job that is there twice is harmless.
class MailSweep {
  public:
    // `office` outlives this object.
    MailSweep(const PostOffice& office, Pulse& pulse);

    // Returns at the stop.
    void sweep_until(const std::stop_token& stop);

    // Once. Public for tests.
    void sweep();

  private:
    void tell_of_namesake();
    void tell_what_is_owed();

    const PostOffice& office_;
    Pulse& pulse_;
    Redis redis_;
    Database database_;
    ForgottenMail forgotten_;
    const std::chrono::steady_clock::time_point born_ = std::chrono::steady_clock::now();
    bool name_is_told_ = false; // that another has it
};

} // namespace mogiri::daemon
