// `mogirictl jobs list`: what is on its way, what waits, and what was given up, by ids alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "configuration.hpp"
#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

struct JobFilter {
    std::string event;               // slug; empty: all
    std::vector<std::string> states; // empty: what is not at its end
    std::int64_t limit = 100;        // of each kind and event
    bool json = false;
};

// What --state takes.
const std::vector<std::string>& job_states();

ExitStatus list_jobs(const Configuration& configuration, const JobFilter& filter);

} // namespace mogiri::daemon
