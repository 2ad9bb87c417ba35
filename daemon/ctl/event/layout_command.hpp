// `mogirictl layout check`: previews of a ticket's layout, and what is wrong with it.
#pragma once

#include <string>

#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

struct LayoutCheck {
    std::string file;
    std::string output = ".";
    std::string language = "ja";
    bool pdf = false, json = false;
};

// `wrong` when there are warnings. Throws CommandFailure (input) when no ticket can be drawn.
ExitStatus check_layout(const LayoutCheck& wish);

} // namespace mogiri::daemon
