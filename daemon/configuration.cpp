// What mogirid and mogirictl are told: a TOML file, overridden by the environment names of the system before.
#include "configuration.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <set>

#include <toml++/toml.h>

#include "toml_section.hpp"

namespace mogiri::daemon {

namespace {

std::string host_name() {
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    return name.data();
}

// Instances of one host are told apart by systemd's instance or by the file's name.
std::string own_name(const std::filesystem::path& file) {
    return host_name() + "-" + file.stem().string();
}

std::string conninfo_value(const std::string& value) {
    std::string text = "'";
    for (char c : value) {
        if (c == '\'' || c == '\\')
            text += '\\';
        text += c;
    }
    return text + "'";
}

// DATABASE_URL wins; else the five DB_ names together, when at least one is there.
std::optional<std::string> database_of(const Environment& environment) {
    if (auto url = environment("DATABASE_URL")) {
        // "postgresql+psycopg2://": the old system's library wanted its driver named there.
        const std::size_t plus = url->find('+'), colon = url->find("://");
        if (plus != std::string::npos && colon != std::string::npos && plus < colon)
            url->erase(plus, colon - plus);
        return url;
    }
    constexpr std::array<std::pair<const char*, const char*>, 5> names{{{"DB_HOST", "host"},
                                                                        {"DB_PORT", "port"},
                                                                        {"DB_NAME", "dbname"},
                                                                        {"DB_USER", "user"},
                                                                        {"DB_USER_PASSWORD", "password"}}};
    std::string conninfo;
    for (const auto& [variable, keyword] : names)
        if (auto value = environment(variable))
            conninfo += std::string(keyword) + "=" + conninfo_value(*value) + " ";
    if (conninfo.empty())
        return std::nullopt;
    return conninfo;
}

std::string first_line(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    if (!in || !std::getline(in, line) || line.empty())
        throw std::runtime_error("cannot be read or is empty; write the password into its first line, or "
                                 "leave the key empty");
    return line;
}

void require(const Configuration& configuration, const std::string& value, const char* key,
             const char* environment_name) {
    if (!value.empty())
        return;
    std::string remedy = configuration.place(key) + key + " is empty: set it in the configuration file";
    if (*environment_name)
        remedy += std::string(" or ") + environment_name + " in the environment";
    throw ConfigurationError(remedy);
}

} // namespace

std::string Configuration::place(const std::string& key) const {
    const auto found = places.find(key);
    return (found == places.end() ? file.string() : found->second) + ": ";
}

Environment process_environment() {
    return [](const char* name) -> std::optional<std::string> {
        const char* value = std::getenv(name);
        if (!value || !*value)
            return std::nullopt;
        return value;
    };
}

Configuration load_configuration(const std::filesystem::path& file, const Environment& environment) {
    if (!std::ifstream(file))
        throw ConfigurationError(file.string() + ": cannot be read; give another file with --config");
    toml::table document;
    try {
        document = toml::parse_file(file.string());
    } catch (const toml::parse_error& error) {
        throw ConfigurationError(file.string() + ":" + std::to_string(error.source().begin.line) + ": " +
                                 std::string(error.description()));
    }

    Configuration configuration;
    configuration.file = file;
    std::filesystem::path password_file;
    Section top(file.string(), "", &document, configuration.places);

    Section server = top.section("server");
    server.text("url", configuration.server_url);

    Section redis = top.section("redis");
    redis.text("socket", configuration.redis.socket);
    redis.text("user", configuration.redis.user);
    redis.path("password_file", password_file);

    Section database = top.section("database");
    database.text("url", configuration.database);

    Section keys = top.section("keys");
    keys.path("file", configuration.keys);

    Section templates = top.section("templates");
    templates.path("directory", configuration.templates);

    Section mail = top.section("mail");
    mail.text("transport", configuration.mail.transport);
    mail.text("fallback", configuration.mail.fallback);
    mail.path("plugins", configuration.mail.plugins);
    mail.text("from", configuration.mail.from);
    mail.text("contact", configuration.mail.contact);
    mail.number("workers", configuration.mail.workers, 1, 64);
    mail.number("first_retry", configuration.mail.first_retry, 1, 3600);
    configuration.mail.options = mail.section(configuration.mail.transport.c_str()).everything();
    if (!configuration.mail.fallback.empty())
        configuration.mail.fallback_options = mail.section(configuration.mail.fallback.c_str()).everything();
    for (const char* other : {"spool", "smtp", "ses", "waypoint"})
        mail.ignore(other);

    Section road = top.section("road");
    road.number("batch", configuration.road.batch, 1, 1024);
    road.text("consumer", configuration.road.consumer);

    Section sessions = top.section("sessions");
    sessions.number("idle", configuration.sessions.idle, 1, 86400);
    sessions.number("absolute", configuration.sessions.absolute, 1, 604800);

    Section log = top.section("log");
    log.text("level", configuration.log_level);

    Section status = top.section("status");
    status.path("file", configuration.status_file);

    for (const Section* section :
         {&top, &server, &redis, &database, &keys, &templates, &mail, &road, &sessions, &log, &status})
        section->refuse_unknown();

    const auto override_by = [&](const char* name, const char* key, std::string& value) {
        if (auto given = environment(name)) {
            value = *given;
            configuration.places[key] = std::string(name) + " in the environment";
        }
    };
    override_by("SERVER_URL", "server.url", configuration.server_url);
    override_by("FROM_EMAIL", "mail.from", configuration.mail.from);
    override_by("CONTACT_EMAIL", "mail.contact", configuration.mail.contact);
    if (auto given = database_of(environment))
        configuration.database = *given;

    require(configuration, configuration.server_url, "server.url", "SERVER_URL");
    require(configuration, configuration.redis.socket, "redis.socket", "");
    require(configuration, configuration.database, "database.url", "DATABASE_URL");
    require(configuration, configuration.keys.string(), "keys.file", "");
    require(configuration, configuration.mail.from, "mail.from", "FROM_EMAIL");
    if (configuration.mail.fallback == configuration.mail.transport)
        throw ConfigurationError(configuration.place("mail.fallback") + "mail.fallback = \"" +
                                 configuration.mail.fallback +
                                 "\": must be another transport than mail.transport");
    while (configuration.server_url.ends_with('/'))
        configuration.server_url.pop_back();
    if (!std::set<std::string>{"debug", "info", "warn", "error"}.contains(configuration.log_level))
        throw ConfigurationError(configuration.place("log.level") + "log.level = \"" +
                                 configuration.log_level + "\": must be debug, info, warn or error");
    if (!password_file.empty())
        configuration.redis.password = checked(configuration, "redis.password_file", password_file.string(),
                                               [&] { return first_line(password_file); });
    if (configuration.road.consumer.empty())
        configuration.road.consumer = own_name(file);
    return configuration;
}

} // namespace mogiri::daemon
