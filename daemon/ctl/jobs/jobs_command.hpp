// `mogirictl jobs retry` and `mogirictl jobs bury`: ordered in the ledger, carried out by mogirid.
#pragma once

#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

// Both throw CommandFailure (unpublished) when mogirid has not carried it out in time; the order stays.
void retry_jobs(const Configuration& configuration, const std::vector<std::string>& ids, bool json);
void bury_jobs(const Configuration& configuration, const std::vector<std::string>& ids,
               const std::string& reason, bool json);

} // namespace mogiri::daemon
