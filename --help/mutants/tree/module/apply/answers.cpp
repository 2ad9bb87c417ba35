// The subscription to this worker's answers and to changes of settings.
#include "apply/answers.hpp"

#include <algorithm>
#include <utility>

#include "daemon/contract/crash_point.hpp"
#include "daemon/contract/digest.hpp"
#include "daemon/contract/redis_keys.hpp"

namespace mogiri::module {

namespace {

std::string random_worker_id() {
    std::array<std::uint8_t, 8> bytes{};
    random_bytes(bytes);
    return hex(bytes);
}

constexpr std::size_t channels = 2;

} // namespace

Answers::Waiter& Answers::Waiter::operator=(Waiter&& other) noexcept {
    if (this != &other) {
        stop();
        answers_ = std::exchange(other.answers_, nullptr);
        number_ = other.number_;
    }
    return *this;
}

void Answers::Waiter::stop() {
    if (answers_ != nullptr) {
        std::exchange(answers_, nullptr)->forget(number_);
    }
}

Answers::Answers(const RedisAddress& address, ngx_log_t* log, OnSettings on_settings)
    : log_(log), channel_(redis_keys::answers_channel(random_worker_id())),
      on_settings_(std::move(on_settings)),
      connection_(address, log,
                  {[this] { subscribe(); }, [this](RedisReply reply) { message(reply); },
                   [this] { confirmed_ = 0; }}) {}

Answers::Waiter Answers::wait_for(std::string_view application_id, OnAnswer wake) {
    const std::uint64_t number = next_number_++;
    waiting_.emplace(number, Entry{std::string(application_id), std::move(wake)});
    numbers_.emplace(std::string(application_id), number);
    return {this, number};
}

void Answers::forget(std::uint64_t number) {
    const auto entry = waiting_.find(number);
    if (entry == waiting_.end()) {
        return;
    }
    auto [at, end] = numbers_.equal_range(entry->second.application_id);
    while (at != end) {
        at = at->second == number ? numbers_.erase(at) : std::next(at);
    }
    waiting_.erase(entry);
}

void Answers::subscribe() {
    confirmed_ = 0;
    const std::string_view command[] = {"SUBSCRIBE", channel_, redis_keys::settings_channel};
    connection_.send(command);
}

// ["subscribe", channel, count] or ["message", channel, text]
void Answers::message(RedisReply reply) {
    if (reply.is_error()) {
        connection_.drop("it refused the subscription");
        return;
    }
    if (reply[0].text() == "subscribe") {
        if (++confirmed_ == channels) {
            MOGIRI_CRASH_POINT("module.answers.subscribed");
            // What was said while nobody listened is made up for by asking.
            on_settings_();
            wake_all();
        }
    } else if (reply[0].text() == "message" && reply[1].text() == channel_) {
        MOGIRI_CRASH_POINT("module.answers.received");
        received(reply[2].text());
    } else if (reply[0].text() == "message") {
        on_settings_();
    }
}

// A line for each application: its id, a blank, the answer's JSON.
void Answers::received(std::string_view lines) {
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        if (const std::size_t blank = line.find(' '); blank != std::string_view::npos) {
            wake(line.substr(0, blank), line.substr(blank + 1));
        }
    }
}

void Answers::wake(std::string_view application_id, std::string_view json) {
    const auto [first, last] = numbers_.equal_range(std::string(application_id));
    std::vector<std::uint64_t> woken;
    for (auto at = first; at != last; ++at) {
        woken.push_back(at->second);
    }
    for (const std::uint64_t number : woken) {
        wake_one(number, json);
    }
}

void Answers::wake_all() {
    std::vector<std::uint64_t> woken;
    for (const auto& [number, entry] : waiting_) {
        woken.push_back(number);
    }
    for (const std::uint64_t number : woken) {
        wake_one(number, "");
    }
}

void Answers::wake_one(std::uint64_t number, std::string_view json) {
    const auto entry = waiting_.find(number);
    if (entry != waiting_.end()) {
        // A copy, since the waiter may let go of itself while it runs.
        const OnAnswer wake = entry->second.wake;
        guarded(log_, [&] { wake(json); });
    }
}

} // namespace mogiri::module
