// `mogirictl ticket restore`: tickets that were scanned by mistake may enter again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

struct Restoring {
    std::vector<std::string> tickets; // references or serials
    std::optional<int> day;           // none: the last one with an admission
    std::string reason;
    std::string event; // slug; empty: all
    bool json = false;
};

// Returns when the door knows it. Throws CommandFailure (unpublished) when mogirid has not published it
// within 10 seconds.
void restore_tickets(const Configuration& configuration, const Restoring& wish);

} // namespace mogiri::daemon
