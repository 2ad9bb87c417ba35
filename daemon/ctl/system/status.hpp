// `mogirictl status`: what is under way and what waits, from Redis and the ledger.
#pragma once

#include "configuration.hpp"
#include "contract/json_owner.hpp"

namespace mogiri::daemon {

// The status as JSON. Where Redis or the ledger is out of reach its part holds an "error" instead.
Json gather_status(const Configuration& configuration);

// Whether both were in reach.
bool complete(const Json& status);

void print_status_table(const Json& status);

} // namespace mogiri::daemon
