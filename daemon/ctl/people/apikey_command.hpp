// `mogirictl apikey …`: keys with which programs ask the API.
#pragma once

#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

struct KeyWish {
    std::string name, role, event; // event: slug; empty: all events
    std::vector<std::string> scopes;
    int days = 0; // 0: it never ends
    bool json = false;
};

// Prints the key, which is kept nowhere.
void add_api_key(const Configuration& configuration, const KeyWish& wish);
// By its name or number; known to nginx when this returns.
void rename_api_key(const Configuration& configuration, const std::string& key, const std::string& name);
void revoke_api_key(const Configuration& configuration, const std::string& name);

} // namespace mogiri::daemon
