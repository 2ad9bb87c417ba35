// One line about the daemon for systemd's STATUS: how things stand, and what keeps its threads from their
// work.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace mogiri::daemon {

// Written by the daemon's threads, read by the main thread.
class StatusLine {
  public:
    using Clock = std::chrono::steady_clock;

    // How things stand, told by the thread of that name again and again.
    void set(const std::string& thread, std::string text);

    // A thread has met trouble and will try again. It is forgotten when it does not come back: a thread
    // pauses for 2 s at most and waits for a server for 10 s at most before it tells again.
    void trouble(const std::string& thread, std::string what, Clock::time_point now = Clock::now());

    std::string text(Clock::time_point now = Clock::now()) const;

  private:
    struct Trouble {
        std::string what;
        Clock::time_point last;
    };

    mutable std::mutex mutex_;
    std::string text_ = "starting";
    std::string teller_; // of the text
    std::map<std::string, Trouble> troubles_;
};

} // namespace mogiri::daemon
