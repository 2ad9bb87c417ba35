// The loop that every thread of the daemon lives in: work until told to stop, and outlast lost servers.
#include "worker.hpp"

#include <exception>

#include "back_off.hpp"
#include "journal.hpp"

namespace mogiri::daemon {

void live(const std::stop_token& stop, const std::string& name, Pulse& pulse,
          const std::function<void()>& life) {
    using Clock = std::chrono::steady_clock;
    BackOff back_off;
    std::string trouble;
    while (!stop.stop_requested()) {
        pulse.beat();
        const auto born = Clock::now();
        try {
            life();
        } catch (const std::exception& failure) {
            if (Clock::now() - born > std::chrono::seconds(5)) {
                back_off.reset();
                trouble.clear();
            }
            if (trouble != failure.what()) {
                trouble = failure.what();
                journal::warn(name + ": " + trouble + "; trying again until it works");
            }
            back_off.wait(stop);
        }
    }
}

} // namespace mogiri::daemon
