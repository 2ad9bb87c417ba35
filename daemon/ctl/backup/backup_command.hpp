// `mogirictl backup`: everything that is needed to begin again, in one file.
#pragma once

#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct BackupWish {
    std::string file;
    std::string database; // of a role that may read all, as database.url; empty: the configuration's
    bool with_keys = false;
    bool json = false;
};

void back_up(const Configuration& configuration, const BackupWish& wish);

} // namespace mogiri::daemon
