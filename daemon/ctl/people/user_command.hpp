// `mogirictl user change|invite`: what the API does with them, in its words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

struct UserWish {
    std::string name;
    std::optional<std::string> email, language;
    std::vector<std::string> roles; // "staff", "admin@musicfes"; empty: as they are
    bool disable = false, enable = false;
    std::string event; // of an invitation: whose name and address the mail has
};

// Ends the user's sessions where roles change, or the account is disabled.
void change_user(const Configuration& configuration, const UserWish& wish);
// A mail with a link to set a password.
void invite_user(const Configuration& configuration, const UserWish& wish);

} // namespace mogiri::daemon
