// The daemon as systemd sees it: signals, readiness, status, watchdog.
#include "service.hpp"

#include <systemd/sd-daemon.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "journal.hpp"

namespace mogiri::daemon {

namespace {

// Longer than a worker may rightly wait for servers that have stopped answering.
constexpr std::chrono::seconds longest_silence{60};

sigset_t held_signals() {
    sigset_t held;
    sigemptyset(&held);
    for (int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&held, signal);
    return held;
}

bool all_beat(const std::vector<WatchedPulse>& pulses) {
    for (const auto& [name, pulse] : pulses)
        if (pulse->age() > longest_silence) {
            journal::error(std::string(name) + " has not moved for a minute; the watchdog is no longer fed");
            return false;
        }
    return true;
}

// By rename, so that nobody reads half of it.
void leave(const std::filesystem::path& file, const std::string& status) {
    const std::filesystem::path fresh = file.string() + ".new";
    std::ofstream(fresh) << status << '\n';
    std::error_code failed;
    std::filesystem::rename(fresh, file, failed);
    if (failed)
        journal::warn("status.file = \"" + file.string() + "\": cannot be written: " + failed.message());
}

} // namespace

void hold_signals() {
    const sigset_t held = held_signals();
    pthread_sigmask(SIG_BLOCK, &held, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

bool signal_is_pending() {
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT) || sigismember(&pending, SIGHUP);
}

Asked take_signal() {
    const sigset_t held = held_signals();
    int signal = 0;
    sigwait(&held, &signal);
    return signal == SIGHUP ? Asked::reload : Asked::end;
}

void notify_status(const std::string& text) {
    sd_notify(0, ("STATUS=" + text).c_str());
}

void notify_ready() {
    sd_notify(0, "READY=1");
}

void notify_reloading() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now); // systemd tells this reload from an earlier one by it
    sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" +
                  std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000))
                     .c_str());
}

void notify_stopping() {
    sd_notify(0, "STOPPING=1");
}

Asked serve(const std::vector<WatchedPulse>& pulses, const std::function<std::string()>& status,
            const std::filesystem::path& status_file) {
    const sigset_t held = held_signals();
    std::string told;
    for (;;) {
        const timespec second{1, 0};
        if (const int signal = sigtimedwait(&held, nullptr, &second); signal > 0)
            return signal == SIGHUP ? Asked::reload : Asked::end;
        if (all_beat(pulses))
            sd_notify(0, "WATCHDOG=1");
        if (std::string now = status(); now != told) {
            notify_status(now);
            if (!status_file.empty())
                leave(status_file, now);
            told = std::move(now);
        }
    }
}

void outlast(const std::vector<WatchedPulse>& pulses, const std::function<bool()>& over) {
    for (int turn = 0; !over(); ++turn) {
        if (turn % 100 == 99 && all_beat(pulses))
            sd_notify(0, "WATCHDOG=1");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

} // namespace mogiri::daemon
