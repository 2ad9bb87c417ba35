// What differs between two JSON documents, for people to read before they agree.
#pragma once

#include <string>
#include <vector>

struct json_t;

namespace mogiri::daemon {

// One line per value: "form[0].limit: 2 -> 10", "gate[1]: added", "kind[0].capacity: removed (was 300)".
std::vector<std::string> json_changes(const json_t* before, const json_t* after);

} // namespace mogiri::daemon
