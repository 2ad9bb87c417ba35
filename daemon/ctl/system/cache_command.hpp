// `mogirictl cache …`: whether Redis holds what the ledger says, mending it, and building it anew.
#pragma once

#include <string>

#include "configuration.hpp"
#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

struct CacheWish {
    std::string event; // slug; empty: all
    bool repair = false, json = false;
    std::size_t most_named = 100;
    std::string reason; // of a rebuild
};

// Returns `wrong` when differences remain. Throws CommandFailure when a rebuild is under way.
ExitStatus check_cache(const Configuration& configuration, const CacheWish& wish);

// Has mogirid rebuild the event and waits; the door is closed meanwhile. Throws CommandFailure (unpublished)
// when nothing is heard of it for 30 seconds.
void rebuild_cache(const Configuration& configuration, const CacheWish& wish);

} // namespace mogiri::daemon
