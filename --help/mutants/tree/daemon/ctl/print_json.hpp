// How mogirictl prints JSON.
#pragma once

#include "contract/json_owner.hpp"

namespace mogiri::daemon {

// To standard output, indented, with a line end.
void print(const Json& document);

} // namespace mogiri::daemon
