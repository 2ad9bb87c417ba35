#include "transport_pause.hpp"

#include <algorithm>
#include <utility>

namespace mogiri::daemon {

bool TransportPause::begin(std::chrono::seconds asked_for) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    // Workers that had a mail in hand all report one and the same outage.
    if (stopped_ && now < until_)
        return false;
    until_ = now + (asked_for.count() > 0 ? std::min(asked_for, std::chrono::seconds(3600)) : next_);
    next_ = std::min(next_ * 2, longest);
    return !std::exchange(stopped_, true);
}

bool TransportPause::end() {
    const std::lock_guard lock(mutex_);
    next_ = first;
    until_ = {};
    return std::exchange(stopped_, false);
}

std::chrono::milliseconds TransportPause::left() const {
    const std::lock_guard lock(mutex_);
    return std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(
                                                      until_ - std::chrono::steady_clock::now()));
}

} // namespace mogiri::daemon
