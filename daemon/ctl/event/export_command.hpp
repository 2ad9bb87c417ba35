// `mogirictl export`: what the ledger knows, as a file.
#pragma once

#include <string>

#include "configuration.hpp"
#include "exports/export.hpp"

namespace mogiri::daemon {

struct ExportCommand {
    std::string subject, format, event; // slug
    int day = 0;
    std::string output; // "-": standard output
    bool json = false;
};

// The file is there whole or, after a failure or an interruption, as it was before.
void export_to_file(const Configuration& configuration, const ExportCommand& wish);

} // namespace mogiri::daemon
