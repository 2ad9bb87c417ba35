// The daemon as systemd sees it: signals, readiness, status, watchdog.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pulse.hpp"

namespace mogiri::daemon {

// What a signal asks for: SIGTERM and SIGINT, or SIGHUP.
enum class Asked { end, reload };

// Before any thread is started: those signals wait for serve(), and a broken pipe is an error of its write.
void hold_signals();

// Whether one of them has arrived; serve() would return it at once.
bool signal_is_pending();
// Waits for one.
Asked take_signal();

// Each says nothing when systemd did not start us.
void notify_status(const std::string& text);
void notify_ready();
void notify_reloading();
void notify_stopping();

struct WatchedPulse {
    const char* name;
    const Pulse* pulse;
};

// Feeds the watchdog while every pulse beats and passes the status on, to `status_file` too unless it is
// empty. Returns at a signal.
Asked serve(const std::vector<WatchedPulse>& pulses, const std::function<std::string()>& status,
            const std::filesystem::path& status_file);

// Feeds the watchdog likewise until `over`; signals wait.
void outlast(const std::vector<WatchedPulse>& pulses, const std::function<bool()>& over);

} // namespace mogiri::daemon
