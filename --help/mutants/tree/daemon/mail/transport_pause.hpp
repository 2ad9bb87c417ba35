// While the transport takes no mail, its workers claim none: shared by all mail workers of a daemon.
#pragma once

#include <chrono>
#include <mutex>

namespace mogiri::daemon {

class TransportPause {
  public:
    // The transport stopped: everyone waits for what it asked for, else for 5 s, twice as long each time, at
    // most 5 min. Returns whether this begins a new outage.
    bool begin(std::chrono::seconds asked_for);

    // It took a mail. Returns whether this ends an outage.
    bool end();

    // How long there is still to wait.
    std::chrono::milliseconds left() const;

  private:
    static constexpr std::chrono::seconds first{5}, longest{300};

    mutable std::mutex mutex_;
    std::chrono::steady_clock::time_point until_{};
    std::chrono::seconds next_ = first;
    bool stopped_ = false;
};

} // namespace mogiri::daemon
