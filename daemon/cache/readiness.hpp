// Whether Redis may carry the door at all: its durable settings, its function library, its identity.
#pragma once

#include <string>
#include <vector>

#include "../redis.hpp"

namespace mogiri::daemon {

// What is wrong with the settings that make an acknowledged write durable, each with its remedy:
// "appendfsync is everysec: set appendfsync always in redis.conf". Empty when all are right.
std::vector<std::string> undurable_settings(Redis& redis);

enum class LibraryState {
    current,
    other_version,
    other_layout, // whose tickets' records this version cannot read: events have to be rebuilt
    missing
};

LibraryState library_state(Redis& redis);
// Cheap: whether a library of our name is there.
bool has_library(Redis& redis);
void load_library(Redis& redis);

} // namespace mogiri::daemon
