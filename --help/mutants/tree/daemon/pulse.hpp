// A worker's sign of life for the watchdog.
#pragma once

#include <atomic>
#include <chrono>

namespace mogiri::daemon {

// Beaten by one thread, looked at by the main thread.
class Pulse {
  public:
    void beat() { last_.store(now(), std::memory_order_relaxed); }
    std::chrono::milliseconds age() const {
        return std::chrono::milliseconds(now() - last_.load(std::memory_order_relaxed));
    }

    // Around work that may rightly take long: a delivery.
    class LongWork {
      public:
        explicit LongWork(Pulse& pulse) : pulse_(pulse) { pulse_.long_work_ = true; }
        LongWork(const LongWork&) = delete;
        LongWork& operator=(const LongWork&) = delete;
        ~LongWork() { pulse_.long_work_ = false; }

      private:
        Pulse& pulse_;
    };
    bool in_long_work() const { return long_work_; }

  private:
    static std::int64_t now() {
        using namespace std::chrono;
        return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
    }

    std::atomic<std::int64_t> last_{now()};
    std::atomic<bool> long_work_ = false;
};

} // namespace mogiri::daemon
