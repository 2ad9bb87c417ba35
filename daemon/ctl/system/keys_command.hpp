// `mogirictl keys create`: the file of master keys, from which every ticket's signature comes.
#pragma once

#include <string>

namespace mogiri::daemon {

// Never overwrites. Throws CommandFailure.
void create_keys(const std::string& file);

} // namespace mogiri::daemon
