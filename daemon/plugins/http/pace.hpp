// How fast mails may go to a service: one pace for all workers of the process that use the same account.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace mogiri::plugins {

// Safe from every thread.
class Pace {
  public:
    using Clock = std::chrono::steady_clock;

    // The same object for the same account, as long as somebody holds it.
    static std::shared_ptr<Pace> of(const std::string& account);

    // Mails a second; 0: no limit.
    void allow(double rate);

    // Waits for its turn. False, at once, when that would be later than `most` from now.
    bool wait(std::chrono::milliseconds most);

    // The service said that it was too fast: nobody sends for so long, and then at half the rate (which
    // recovers with every mail that is taken).
    void slow_down(std::chrono::milliseconds pause);
    void taken();

  private:
    std::mutex mutex_;
    double rate_ = 0, share_ = 1;
    Clock::time_point next_{};
};

} // namespace mogiri::plugins
