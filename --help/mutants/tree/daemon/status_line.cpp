// One line about the daemon for systemd's STATUS: how things stand, and what keeps its threads from their
// work.
#include "status_line.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::chrono::seconds remembered{15};

} // namespace

void StatusLine::set(const std::string& thread, std::string text) {
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
    teller_ = thread;
    troubles_.erase(thread);
}

void StatusLine::trouble(const std::string& thread, std::string what, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    troubles_[thread] = {std::move(what), now};
}

// Who is in trouble does not know how things stand. Threads with the same trouble are named together.
std::string StatusLine::text(Clock::time_point now) const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::string> names;
    bool stands = true;
    for (const auto& [thread, trouble] : troubles_) {
        if (now - trouble.last > remembered)
            continue;
        std::string& list = names[trouble.what];
        list += (list.empty() ? "" : ", ") + thread;
        stands = stands && thread != teller_;
    }
    std::string line = stands ? text_ : "";
    for (const auto& [what, list] : names)
        line +=
            (line.empty() ? "" : "; ") + list + (list.find(',') == list.npos ? " waits: " : " wait: ") + what;
    return line;
}

} // namespace mogiri::daemon
