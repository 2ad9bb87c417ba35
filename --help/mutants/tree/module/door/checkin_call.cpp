// Puts keys before rules before items.
#include "door/checkin_call.hpp"

#include "daemon/contract/redis_keys.hpp"

namespace mogiri::module {

namespace {

std::string_view window_text(Window window) {
    switch (window) {
    case Window::open:
        return "0";
    case Window::not_yet:
        return "1";
    case Window::over:
        break;
    }
    return "2";
}

} // namespace

CheckinCall::CheckinCall(const EventSettings& settings, CurrentDay today, std::string_view run_id,
                         std::uint64_t last_batch)
    : event_(settings.number), keys_{redis_keys::ready(event_), redis_keys::scans(event_),
                                     redis_keys::totals(event_, today.day)},
      rules_{std::string(run_id),
             std::to_string(last_batch),
             std::to_string(settings.version),
             std::to_string(today.day),
             std::string(window_text(today.window)),
             settings.reentry ? "1" : "0",
             std::to_string(settings.double_read_ms),
             std::to_string(settings.venue_capacity),
             std::to_string(settings.kinds_of(today.day).valid),
             std::to_string(settings.kinds_of(today.day).to_come)} {}

void CheckinCall::add(std::uint64_t serial, const CheckinItem& item) {
    keys_.push_back(redis_keys::ticket(event_, serial));
    items_.push_back(encode(serial, item));
}

std::span<const std::string_view> CheckinCall::arguments() {
    key_count_ = std::to_string(keys_.size());
    arguments_.assign({"FCALL", "mogiri_checkin", key_count_});
    arguments_.insert(arguments_.end(), keys_.begin(), keys_.end());
    arguments_.insert(arguments_.end(), rules_.begin(), rules_.end());
    arguments_.insert(arguments_.end(), items_.begin(), items_.end());
    return arguments_;
}

} // namespace mogiri::module
