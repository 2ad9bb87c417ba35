// Pauses between attempts to reach a server that is away, growing to a limit; a stop ends them at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace mogiri::daemon {

// Returns false when the stop came first.
inline bool pause(const std::stop_token& stop, std::chrono::milliseconds time) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
}

class BackOff {
  public:
    bool wait(const std::stop_token& stop) {
        const auto time = next_;
        next_ = std::min(next_ * 2, std::chrono::milliseconds(2000));
        return pause(stop, time);
    }
    void reset() { next_ = first; }

  private:
    static constexpr std::chrono::milliseconds first{50};
    std::chrono::milliseconds next_ = first;
};

} // namespace mogiri::daemon
