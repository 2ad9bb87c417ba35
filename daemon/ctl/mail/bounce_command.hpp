// `mogirictl bounce` and `mogirictl mail unsuppress`: mails that came back, and addresses that are good
// again.
#pragma once

#include <string>
#include <vector>

#include "configuration.hpp"
#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

struct BounceWish {
    std::vector<std::string> files; // "-" is standard input; none and no maildir: that too
    std::string maildir;
    bool json = false;
};

// Notes each. What cannot be understood is told and stays where it is: in a maildir in cur, flagged. Returns
// `input` when there was some of that.
ExitStatus take_bounces(const Configuration& configuration, const BounceWish& wish);

// Addresses, or numbers of mails that went to them.
void unsuppress(const Configuration& configuration, const std::vector<std::string>& words, bool json);

} // namespace mogiri::daemon
