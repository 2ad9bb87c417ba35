// `mogirictl ledger migrate`: the ledger's tables by their owner, and what other roles may do with them.
#pragma once

#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct Migrate {
    std::string database;       // of the owner, as database.url; empty: the configuration's
    std::string daemon, reader; // roles; empty: none
};

void migrate_ledger(const Configuration& configuration, const Migrate& wish);

} // namespace mogiri::daemon
