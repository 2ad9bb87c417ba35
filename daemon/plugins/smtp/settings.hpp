// What the table [mail.smtp] says, checked.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <ground/options.hpp>

namespace mogiri::smtp {

using plugins::SettingsError;

// starttls: begun in the clear, then nothing is said before TLS. tls: TLS from the first byte.
enum class Security { starttls, tls, none };

struct Settings {
    std::string host;
    int port = 0;
    Security security = Security::starttls;
    std::string user, password; // both empty: no login
    std::string ca_file;        // empty: the authorities that this machine trusts
    std::string hello;          // empty: the host name, as libcurl finds it
    // For the connection with its greeting, TLS and login; for each answer after that, and for the message to
    // move on; for the answer after the message, short of which a mail may be sent twice (RFC
    // 5321, 4.5.3.2.6).
    std::chrono::seconds connect_timeout{30}, answer_timeout{120}, final_timeout{600};

    std::string address() const; // "mail.example.jp:587"
    std::string url() const;     // for libcurl
};

// Throws SettingsError. Reads the password file.
Settings read_settings(const mogiri_option* options, std::size_t count);

} // namespace mogiri::smtp
