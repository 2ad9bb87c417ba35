// What the table [mail.waypoint] says, checked.
#pragma once

#include <string>

#include <http/endpoint.hpp>
#include <http/exchange.hpp>

namespace mogiri::waypoint {

struct Settings {
    plugins::Endpoint endpoint;
    plugins::Credentials credentials;
    std::string template_id; // empty: the mail as it is written here
    int rate = 0;            // mails a second, at most; 0: as fast as it takes them
};

// Throws plugins::SettingsError. Reads the password file, and what the environment has under the names of the
// system before.
Settings read_settings(const mogiri_option* options, std::size_t count);

} // namespace mogiri::waypoint
