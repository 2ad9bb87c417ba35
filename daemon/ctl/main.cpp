// mogirictl: the command line of mogiri, from its words to its exit status.
#include <iostream>

#include "ctl/command_line.hpp"
#include "ctl/exit_status.hpp"
#include "database.hpp"
#include "event_file.hpp"
#include "redis.hpp"

namespace mogiri::daemon {

namespace {

ExitStatus complain(ExitStatus status, const std::exception& failure) {
    std::cout.flush();
    std::cerr << "mogirictl: " << failure.what() << '\n';
    return status;
}

ExitStatus run(const std::function<ExitStatus()>& command) {
    try {
        return command();
    } catch (const CommandFailure& failure) {
        return complain(failure.status(), failure);
    } catch (const ConfigurationError& failure) {
        return complain(ExitStatus::input, failure);
    } catch (const EventFileError& failure) {
        return complain(ExitStatus::input, failure);
    } catch (const LostDatabase& failure) {
        complain(ExitStatus::unreachable, failure);
        std::cerr << "Is PostgreSQL running, and is this the daemon's user (sudo -u mogiri)? `mogirictl "
                     "doctor` tells more.\n";
        return ExitStatus::unreachable;
    } catch (const LostRedis& failure) {
        complain(ExitStatus::unreachable, failure);
        std::cerr << "Is Redis running? `mogirictl doctor` tells more.\n";
        return ExitStatus::unreachable;
    } catch (const std::exception& failure) {
        return complain(ExitStatus::wrong, failure);
    }
}

} // namespace

} // namespace mogiri::daemon

int main(int count, char** words) {
    using namespace mogiri::daemon;
    CommandLine line;
    try {
        line.app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return line.app.exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
    }
    return static_cast<int>(run(line.chosen));
}
