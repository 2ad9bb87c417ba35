#include "settings.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <string_view>

namespace mogiri::smtp {

namespace {

[[noreturn]] void refuse(const char* key, const std::string& value, const std::string& remedy) {
    throw SettingsError(std::string(key) + " = \"" + value + "\": " + remedy);
}

// The options by key, each taken once; what is left over is unknown.
class Options {
  public:
    Options(const mogiri_option* options, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            values_.emplace(options[i].key, options[i].value);
    }

    std::string take(const char* key) {
        known_ += std::string(known_.empty() ? "" : ", ") + key;
        const auto found = values_.extract(key);
        return found ? found.mapped() : std::string();
    }

    int take_number(const char* key, int otherwise, int least, int most) {
        const std::string value = take(key);
        int number = otherwise;
        if (value.empty())
            return number;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc() || end != value.data() + value.size() || number < least || number > most)
            refuse(key, value,
                   "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return number;
    }

    void take_seconds(const char* key, std::chrono::seconds& into, int most) {
        into = std::chrono::seconds(take_number(key, static_cast<int>(into.count()), 1, most));
    }

    bool take_truth(const char* key) {
        const std::string value = take(key);
        if (!value.empty() && value != "true" && value != "false")
            refuse(key, value, "must be true or false");
        return value == "true";
    }

    void refuse_rest() const {
        if (!values_.empty())
            throw SettingsError(values_.begin()->first + " is not a key of mail.smtp; it knows: " + known_);
    }

  private:
    std::map<std::string, std::string> values_;
    std::string known_;
};

bool is_host(std::string_view host) {
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
               c == '-' || c == ':';
    });
}

// By what it is called: what a name leads to is not asked.
bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
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

std::string read_password(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    if (!std::getline(in, line) || line.empty())
        refuse("password_file", file,
               "cannot be read or is empty; write the password into its first line and let mogirid read it");
    if (line.ends_with('\r'))
        line.pop_back();
    return line;
}

} // namespace

std::string Settings::address() const {
    return (host.find(':') == host.npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::string Settings::url() const {
    return (security == Security::tls ? "smtps://" : "smtp://") + address() + "/" + hello;
}

Settings read_settings(const mogiri_option* options, std::size_t count) {
    Options given(options, count);
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
        settings.password = read_password(password_file);
    if (settings.port == 0)
        settings.port = usual_port(settings.security);
    return settings;
}

} // namespace mogiri::smtp
