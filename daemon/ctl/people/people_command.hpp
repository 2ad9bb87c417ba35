// `mogirictl user add`: who may log in.
#pragma once

#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct NewUser {
    std::string name, email, role;
    std::string password_file; // empty: ask on the terminal
};

void add_user(const Configuration& configuration, const NewUser& user);

} // namespace mogiri::daemon
