// Puts keys before rules before items.
#include "door/checkin_call.hpp"

#include <charconv>

#include "daemon/contract/redis_keys.hpp"

namespace mogiri::module {

namespace {

std::uint64_t number_of(Window window) {
    switch (window) {
    case Window::open:
        return 0;
    case Window::not_yet:
        return 1;
    case Window::over:
        break;
    }
    return 2;
}

std::string rules_text(const EventSettings& settings, CurrentDay today) {
    const auto kinds = settings.kinds_of(today.day);
    std::string text = std::to_string(settings.version);
    for (const std::uint64_t number : {std::uint64_t{today.day}, number_of(today.window),
                                       std::uint64_t{settings.reentry}, std::uint64_t(settings.double_read_ms),
                                       std::uint64_t(settings.venue_capacity), std::uint64_t{kinds.valid},
                                       std::uint64_t{kinds.to_come}}) {
        text += ' ';
        text += std::to_string(number);
    }
    return text;
}

} // namespace

CheckinCall::CheckinCall(const EventSettings& settings, CurrentDay today, std::string_view run_id,
                         std::uint64_t last_batch)
    : event_(settings.number), keys_{redis_keys::ready(event_), redis_keys::scans(event_),
                                     redis_keys::totals(event_, today.day), redis_keys::live(event_, today.day)},
      ticket_key_(redis_keys::tickets(event_)), run_id_(run_id), last_batch_(std::to_string(last_batch)), rules_(rules_text(settings, today)) {}

void CheckinCall::add(std::uint64_t serial, const CheckinItem& item) {
    char digits[24];
    ticket_keys_ += ticket_key_;
    ticket_keys_.append(digits, std::to_chars(digits, digits + sizeof digits, serial).ptr);
    ends_.push_back(ticket_keys_.size());
    columns_.add(serial, item);
}

std::span<const std::string_view> CheckinCall::arguments() {
    key_count_ = std::to_string(keys_.size() + ends_.size());
    if (!columns_.more.empty()) {
        columns_.more.resize(columns_.size());
    }
    arguments_.reserve(14 + ends_.size() + columns_.more.size());
    arguments_.assign({"FCALL", "mogiri_checkin", key_count_});
    arguments_.insert(arguments_.end(), keys_.begin(), keys_.end());
    std::size_t begin = 0;
    for (const std::size_t end : ends_) {
        arguments_.push_back(std::string_view(ticket_keys_).substr(begin, end - begin));
        begin = end;
    }
    arguments_.insert(arguments_.end(), {run_id_, last_batch_, rules_, columns_.groups, columns_.serials,
                                         columns_.places, columns_.deadlines});
    arguments_.insert(arguments_.end(), columns_.more.begin(), columns_.more.end());
    return arguments_;
}

} // namespace mogiri::module
