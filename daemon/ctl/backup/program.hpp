// Another program that does a part of a command's work, run to its end.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace mogiri::daemon {

using ProgramEnvironment = std::map<std::string, std::string>;

// Of libpq's programs: where a connection string leads, so that a password stands in no list of processes.
// Throws CommandFailure.
ProgramEnvironment libpq_environment(const std::string& conninfo);

// `words[0]` is looked up in PATH; `more` is added to our own environment. Throws CommandFailure with what it
// said when its status is not 0, or when we are interrupted.
void run_program(const std::vector<std::string>& words, const ProgramEnvironment& more = {});

} // namespace mogiri::daemon
