// An event's definition as the TOML text that `mogirictl event apply` reads.
#pragma once

#include <string>

struct json_t;

namespace mogiri::daemon {

std::string event_file_text(const json_t* definition);

} // namespace mogiri::daemon
