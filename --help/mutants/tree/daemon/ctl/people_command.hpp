// `mogirictl user add` and `mogirictl device add`: who may log in, and which scanners the door answers.
#pragma once

#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct NewUser {
    std::string name, email, role;
    std::string password_file; // empty: ask on the terminal
};

struct NewDevice {
    std::string name, event, gate, profile;
    bool json = false;
};

void add_user(const Configuration& configuration, const NewUser& user);

// Prints the device's key, which is kept nowhere.
void add_device(const Configuration& configuration, const NewDevice& device);

} // namespace mogiri::daemon
