// The daemon as systemd sees it: signals, readiness, status, watchdog.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pulse.hpp"

namespace mogiri::daemon {

// Before any thread is started: the signals that end the daemon wait for serve(), and a broken pipe is an
// error of its write.
void hold_signals();

// Whether a signal to end has arrived and waits for serve().
bool end_is_pending();

// Each says nothing when systemd did not start us.
void notify_status(const std::string& text);
void notify_ready();

struct WatchedPulse {
    const char* name;
    const Pulse* pulse;
};

// Feeds the watchdog while every pulse beats and passes the status on, to `status_file` too unless it is
// empty. Returns at SIGTERM or SIGINT.
void serve(const std::vector<WatchedPulse>& pulses, const std::function<std::string()>& status,
           const std::filesystem::path& status_file);

} // namespace mogiri::daemon
