// `mogirictl event …`: an organiser's file becomes the event, and what events there are.
#pragma once

#include <optional>
#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct EventApply {
    std::string file;
    bool dry_run = false;
    bool make_default = false;
    std::optional<int> force_day;
    std::optional<int> form_seconds;
    bool json = false;
};

void apply_event(const Configuration& configuration, const EventApply& wish);
void list_events(const Configuration& configuration, bool json);

} // namespace mogiri::daemon
