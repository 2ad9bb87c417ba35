// The exit statuses of mogirictl, and the failure that ends a command with one of them.
#pragma once

#include <stdexcept>
#include <string>

namespace mogiri::daemon {

// mogirictl(1) tells them to scripts: never renumber.
enum class ExitStatus {
    done = 0,
    wrong = 1,       // the doctor found something, or the command was refused
    usage = 2,       // the command line
    input = 3,       // a configuration, event or password file
    unreachable = 4, // PostgreSQL or Redis
    unpublished = 5, // stored, but the daemon has not done its part yet
};

class CommandFailure : public std::runtime_error {
  public:
    CommandFailure(ExitStatus status, const std::string& text) : std::runtime_error(text), status_(status) {}
    ExitStatus status() const { return status_; }

  private:
    ExitStatus status_;
};

} // namespace mogiri::daemon
