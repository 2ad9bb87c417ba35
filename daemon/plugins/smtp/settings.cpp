#include "settings.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

#include <ground/options.hpp>

namespace mogiri::smtp {

namespace {

using plugins::is_loopback, plugins::Options, plugins::refuse;

bool is_host(std::string_view host) {
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
               c == '-' || c == ':';
    });
}

Security read_security(const std::string& value) {
    if (value.empty() || value == "starttls")
        return Security::starttls;
    if (value == "tls")
        return Security::tls;
    if (value == "none")
        return Security::none;
    refuse("security", value, "must be starttls, tls or none");
}

int usual_port(Security security) {
    switch (security) {
    case Security::starttls:
        return 587;
    case Security::tls:
        return 465;
    case Security::none:
        break;
    }
    return 25;
}

} // namespace

std::string Settings::address() const {
    return (host.find(':') == host.npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::string Settings::url() const {
    return (security == Security::tls ? "smtps://" : "smtp://") + address() + "/" + hello;
}

Settings read_settings(const mogiri_option* options, std::size_t count) {
    Options given("mail.smtp", options, count);
    Settings settings;
    settings.host = given.take("host");
    if (settings.host.starts_with('[') && settings.host.ends_with(']'))
        settings.host = settings.host.substr(1, settings.host.size() - 2);
    settings.port = given.take_number("port", 0, 1, 65535);
    settings.security = read_security(given.take("security"));
    const bool allow_plain = given.take_truth("allow_plain");
    settings.user = given.take("user");
    const std::string password_file = given.take("password_file");
    settings.ca_file = given.take("ca_file");
    settings.hello = given.take("hello");
    given.take_seconds("connect_timeout", settings.connect_timeout, 600);
    given.take_seconds("answer_timeout", settings.answer_timeout, 600);
    given.take_seconds("final_timeout", settings.final_timeout, 3600);
    given.refuse_rest();

    if (!is_host(settings.host))
        refuse(
            "host", settings.host,
            "must be the mail server's name (of a name in other letters, its form \"xn--…\") or its numeric "
            "address");
    if (!settings.hello.empty() && !is_host(settings.hello))
        refuse("hello", settings.hello, "must be the full name of this machine, like tickets.example.jp");
    if (settings.security == Security::none && !allow_plain && !is_loopback(settings.host))
        refuse(
            "security", "none",
            "mails and passwords would cross the network readable; use starttls or tls, or say allow_plain = "
            "true");
    if (settings.user.empty() != password_file.empty())
        refuse(settings.user.empty() ? "user" : "password_file", "",
               "user and password_file belong together: set both, or none");
    if (!settings.ca_file.empty() && !std::ifstream(settings.ca_file))
        refuse("ca_file", settings.ca_file,
               "cannot be read; name a file of certificates (PEM), or leave it out");
    if (!password_file.empty())
        settings.password = plugins::read_secret("password_file", password_file);
    if (settings.port == 0)
        settings.port = usual_port(settings.security);
    return settings;
}

} // namespace mogiri::smtp
