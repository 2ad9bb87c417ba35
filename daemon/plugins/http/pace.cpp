#include "pace.hpp"

#include <algorithm>
#include <map>
#include <thread>

namespace mogiri::plugins {

namespace {

// Where the service tells no rate, one that is throttled still has to have one to go down from.
constexpr double assumed_rate = 100, least_share = 1.0 / 64, recovery = 1.05;

} // namespace

std::shared_ptr<Pace> Pace::of(const std::string& account) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<Pace>> paces;
    const std::lock_guard lock(mutex);
    std::shared_ptr<Pace> pace = paces[account].lock();
    if (!pace)
        paces[account] = pace = std::make_shared<Pace>();
    return pace;
}

void Pace::allow(double rate) {
    const std::lock_guard lock(mutex_);
    rate_ = rate;
}

bool Pace::wait(std::chrono::milliseconds most) {
    Clock::time_point turn;
    {
        const std::lock_guard lock(mutex_);
        const auto now = Clock::now();
        turn = std::max(now, next_);
        if (turn > now + most)
            return false;
        const double rate = (rate_ > 0 ? rate_ : share_ < 1 ? assumed_rate : 0) * share_;
        next_ =
            rate > 0
                ? turn + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / rate))
                : turn;
    }
    std::this_thread::sleep_until(turn);
    return true;
}

void Pace::slow_down(std::chrono::milliseconds pause) {
    const std::lock_guard lock(mutex_);
    const auto then = Clock::now() + pause;
    // Workers that had a mail on its way all report one and the same.
    if (next_ >= then)
        return;
    next_ = then;
    share_ = std::max(share_ / 2, least_share);
}

void Pace::taken() {
    const std::lock_guard lock(mutex_);
    share_ = std::min(share_ * recovery, 1.0);
}

} // namespace mogiri::plugins
