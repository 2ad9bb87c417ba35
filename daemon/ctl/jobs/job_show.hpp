// `mogirictl jobs show`: everything about one job, whose it is only when asked for.
#pragma once

#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

// `personal`: names and addresses too. Throws CommandFailure when there is no such job.
void show_job(const Configuration& configuration, const std::string& id, bool personal, bool json);

} // namespace mogiri::daemon
