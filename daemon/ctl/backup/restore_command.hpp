// `mogirictl restore`: a backup takes the place of an empty system, or of what it is told to replace.
#pragma once

#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct RestoreWish {
    std::string file;
    std::string database;       // of the owner, as database.url; empty: the configuration's
    std::string daemon, reader; // roles that share the ledger; empty: none
    bool replace = false, with_keys = false;
};

// mogirid must not run; when it starts it builds Redis anew from the ledger and opens the door. Whatever is
// refused or fails before the ledger is written leaves everything as it was.
void restore(const Configuration& configuration, const RestoreWish& wish);

} // namespace mogiri::daemon
