// `mogirictl roster …`: who may apply with a form whose roster is a list.
#pragma once

#include <cstdint>
#include <string>

#include "configuration.hpp"
#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

struct RosterImport {
    std::string event, form, file;
    bool dry_run = false, skip_bad = false, json = false;
};

struct RosterFilter {
    std::string event, form, class_name;
    std::int64_t limit = 100;
    bool personal = false, json = false;
};

// Reports every bad row; imports nothing then, unless `skip_bad`.
ExitStatus import_roster(const Configuration& configuration, const RosterImport& wish);
void list_roster(const Configuration& configuration, const RosterFilter& filter);
void clear_roster(const Configuration& configuration, const RosterFilter& filter);

} // namespace mogiri::daemon
