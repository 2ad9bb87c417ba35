// What the table [mail.ses] says, checked.
#pragma once

#include <string>

#include <http/endpoint.hpp>
#include <http/exchange.hpp>

namespace mogiri::ses {

struct Settings {
    std::string region;
    plugins::Endpoint endpoint;
    plugins::Credentials credentials;
    std::string session_token;     // of credentials that end; empty: none
    std::string configuration_set; // whose events tell of bounces; empty: the account's default
    int rate = 0;                  // mails a second, at most; 0: as the account allows
};

// Throws plugins::SettingsError. Reads the files with secrets, and what the environment has under AWS's
// names.
Settings read_settings(const mogiri_option* options, std::size_t count);

} // namespace mogiri::ses
