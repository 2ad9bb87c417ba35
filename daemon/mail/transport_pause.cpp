#include "transport_pause.hpp"

#include <algorithm>
#include <utility>

namespace mogiri::daemon {

bool TransportPause::may_try() {
    const std::lock_guard lock(mutex_);
    if (!stopped_)
        return true;
    if (tried_ || std::chrono::steady_clock::now() < until_)
        return false;
    return tried_ = true;
}

bool TransportPause::begin(std::chrono::seconds asked_for) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    // Workers that had a mail in hand all report one and the same outage.
    if (stopped_ && now < until_)
        return false;
    tried_ = false;
    until_ = now + (asked_for.count() > 0 ? std::min(asked_for, std::chrono::seconds(3600)) : next_);
    next_ = std::min(next_ * 2, longest);
    return !std::exchange(stopped_, true);
}

bool TransportPause::end() {
    const std::lock_guard lock(mutex_);
    next_ = first;
    until_ = {};
    tried_ = false;
    return std::exchange(stopped_, false);
}

void TransportPause::answered() {
    const std::lock_guard lock(mutex_);
    tried_ = false;
}

std::chrono::milliseconds TransportPause::left() const {
    const std::lock_guard lock(mutex_);
    // The one that tries is soon back.
    if (tried_)
        return std::chrono::milliseconds(100);
    return std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(
                                                      until_ - std::chrono::steady_clock::now()));
}

} // namespace mogiri::daemon
