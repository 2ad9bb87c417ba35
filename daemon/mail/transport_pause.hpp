// While a transport takes no mail, its workers give it none: shared by all mail workers of a daemon.
#pragma once

#include <chrono>
#include <mutex>

namespace mogiri::daemon {

class TransportPause {
  public:
    // Whether a mail may be tried now. In an outage that is so for one worker at a time, once its pause is
    // over; the one that was told so tells how it went by begin(), end() or answered().
    bool may_try();

    // The transport stopped: everyone waits for what it asked for, else for 5 s, twice as long each time, at
    // most 5 min. Returns whether this begins a new outage.
    bool begin(std::chrono::seconds asked_for);

    // It took a mail. Returns whether this ends an outage.
    bool end();

    // It did not take that mail, but it answers.
    void answered();

    // How long there is still to wait.
    std::chrono::milliseconds left() const;

  private:
    static constexpr std::chrono::seconds first{5}, longest{300};

    mutable std::mutex mutex_;
    std::chrono::steady_clock::time_point until_{};
    std::chrono::seconds next_ = first;
    bool stopped_ = false, tried_ = false; // tried_: by the one worker that may, now
};

} // namespace mogiri::daemon
