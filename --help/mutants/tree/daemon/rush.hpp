// Whether the road has its hands full: then mails are made only now and then, for their rendering takes the
// processors that decisions need.
#pragma once

#include <atomic>
#include <chrono>

namespace mogiri::daemon {

// Told by the road, asked by mail workers; one for each daemon.
class Rush {
  public:
    // A mail worker makes a mail this often in any rush, so that no rush, however long, holds mails up for
    // ever.
    static constexpr std::chrono::seconds between_mails{5};

    // The road has taken so many jobs at once, and could have taken `most`.
    void took(std::size_t jobs, std::size_t most) {
        if (jobs * 4 >= most)
            last_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
    }
    bool on() const {
        const Clock::time_point last{Clock::duration(last_.load(std::memory_order_relaxed))};
        return Clock::now() < last + std::chrono::milliseconds(500);
    }

  private:
    using Clock = std::chrono::steady_clock;
    std::atomic<Clock::rep> last_ = (Clock::time_point() - std::chrono::hours(1)).time_since_epoch().count();
};

} // namespace mogiri::daemon
