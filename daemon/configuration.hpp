// What mogirid and mogirictl are told: a TOML file, overridden by the environment names of the system before.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "redis.hpp"

namespace mogiri::daemon {

struct MailConfiguration {
    std::string transport = "spool";
    std::filesystem::path plugins = "/usr/lib/mogiri/transports";
    std::string from, contact;
    int workers = 4;
    int first_retry = 30; // seconds until a mail that was put off is tried again; doubled each time
    // The table [mail.<transport>] as text; the transport's plugin knows its keys and refuses others.
    std::map<std::string, std::string> options;
    // What mails go by while `transport` takes none; empty: they wait.
    std::string fallback = {};
    std::map<std::string, std::string> fallback_options = {};
};

struct RoadConfiguration {
    int batch = 128;
    std::string consumer; // never empty once loaded
};

// How long somebody who has logged in stays so, in seconds.
struct SessionConfiguration {
    int idle = 3600;      // since the last request
    int absolute = 43200; // whatever happens
};

struct Configuration {
    std::filesystem::path file;
    std::map<std::string, std::string> places; // "mail.from" → "/etc/mogiri/mogirid.toml:23"
    // "/etc/mogiri/mogirid.toml:23: ", the beginning of what is said against a key. Of a key that is not
    // there: the file alone.
    std::string place(const std::string& key) const;

    std::string server_url;
    RedisAddress redis;
    std::string database; // libpq conninfo or URL; may hold a password, so it is never logged
    std::filesystem::path keys;
    std::filesystem::path templates = "/usr/share/mogiri/templates";
    MailConfiguration mail;
    RoadConfiguration road;
    SessionConfiguration sessions;
    std::string log_level = "info";
    std::filesystem::path status_file; // empty: none
};

// "mogirid.toml:12: road.batch = 0: must be between 1 and 1024"
class ConfigurationError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// What `make` returns. What it throws becomes a ConfigurationError that begins with the key and its place.
template <typename Make>
auto checked(const Configuration& configuration, const std::string& key, const std::string& value,
             Make make) {
    try {
        return make();
    } catch (const std::exception& failure) {
        throw ConfigurationError(configuration.place(key) + key + " = \"" + value + "\": " + failure.what());
    }
}

// getenv, or a test's own.
using Environment = std::function<std::optional<std::string>(const char* name)>;
Environment process_environment();

// Throws ConfigurationError. Reads the password file, too.
Configuration load_configuration(const std::filesystem::path& file, const Environment& environment);

} // namespace mogiri::daemon
