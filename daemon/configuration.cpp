// What mogirid and mogirictl are told: a TOML file, overridden by the environment names of the system before.
#include "configuration.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include <toml++/toml.h>

namespace mogiri::daemon {

namespace {

// A table of the file and the keys that were asked for, so that what is left over is refused by its line.
class Section {
  public:
    Section(std::string file, std::string name, const toml::table* table)
        : file_(std::move(file)), name_(std::move(name)), table_(table) {}

    void text(const char* key, std::string& into) {
        if (const toml::node* node = find(key)) {
            if (!node->is_string())
                fail(key, *node, "must be a text in quotes");
            into = **node->as_string();
        }
    }

    void path(const char* key, std::filesystem::path& into) {
        std::string value = into.string();
        text(key, value);
        into = value;
    }

    void number(const char* key, int& into, int least, int most) {
        const toml::node* node = find(key);
        if (!node)
            return;
        const auto* integer = node->as_integer();
        if (!integer || **integer < least || **integer > most)
            fail(key, *node,
                 "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        into = static_cast<int>(**integer);
    }

    Section section(const char* key) {
        const toml::node* node = find(key);
        if (node && !node->is_table())
            fail(key, *node, "must be a table: write [" + full(key) + "]");
        return Section(file_, full(key), node ? node->as_table() : nullptr);
    }

    void ignore(const char* key) { known_.insert(key); }

    // Every key as text, for a mail transport.
    std::map<std::string, std::string> everything() {
        std::map<std::string, std::string> all;
        if (!table_)
            return all;
        for (const auto& [key, node] : *table_) {
            known_.insert(std::string(key.str()));
            if (node.is_string())
                all.emplace(key.str(), **node.as_string());
            else if (node.is_integer() || node.is_boolean())
                all.emplace(key.str(), spelled(node));
            else
                fail(std::string(key.str()), node, "must be a text, a whole number, true or false");
        }
        return all;
    }

    void refuse_unknown() const {
        if (!table_)
            return;
        for (const auto& [key, node] : *table_) {
            if (known_.contains(std::string(key.str())))
                continue;
            std::string remedy = "unknown key; remove it, or use one of:";
            for (const std::string& name : known_)
                remedy += " " + name;
            fail(std::string(key.str()), node, remedy);
        }
    }

    std::string full(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }

  private:
    const toml::node* find(const char* key) {
        known_.insert(key);
        return table_ ? table_->get(key) : nullptr;
    }

    static std::string spelled(const toml::node& node) {
        std::ostringstream out;
        if (node.is_table())
            out << "{…}";
        else
            node.visit([&](const auto& value) {
                if constexpr (!toml::is_table<decltype(value)>)
                    out << value;
            });
        return out.str();
    }

    [[noreturn]] void fail(const std::string& key, const toml::node& node, const std::string& remedy) const {
        // A mistyped secret does not go to a log.
        const bool secret = full(key).find("password") != std::string::npos || full(key) == "database.url";
        throw ConfigurationError(file_ + ":" + std::to_string(node.source().begin.line) + ": " + full(key) +
                                 " = " + (secret ? "(not shown)" : spelled(node)) + ": " + remedy);
    }

    std::string file_, name_;
    const toml::table* table_;
    std::set<std::string> known_;
};

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

std::string first_line(const std::filesystem::path& file, const char* key) {
    std::ifstream in(file);
    std::string line;
    if (!in || !std::getline(in, line) || line.empty())
        throw ConfigurationError(
            std::string(key) + " = \"" + file.string() +
            "\": cannot be read or is empty; write the password into its first line, or set " + key +
            " = \"\"");
    return line;
}

void require(const std::string& value, const char* key, const char* environment_name) {
    if (!value.empty())
        return;
    std::string remedy = std::string(key) + " is empty: set it in the configuration file";
    if (*environment_name)
        remedy += std::string(" or ") + environment_name + " in the environment";
    throw ConfigurationError(remedy);
}

} // namespace

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
    std::filesystem::path password_file;
    Section top(file.string(), "", &document);

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
    mail.path("plugins", configuration.mail.plugins);
    mail.text("from", configuration.mail.from);
    mail.text("contact", configuration.mail.contact);
    mail.number("workers", configuration.mail.workers, 1, 64);
    configuration.mail.options = mail.section(configuration.mail.transport.c_str()).everything();
    for (const char* other : {"spool", "smtp", "ses", "waypoint"})
        mail.ignore(other);

    Section road = top.section("road");
    road.number("batch", configuration.road.batch, 1, 1024);
    road.text("consumer", configuration.road.consumer);

    Section log = top.section("log");
    log.text("level", configuration.log_level);

    Section status = top.section("status");
    status.path("file", configuration.status_file);

    for (const Section* section :
         {&top, &server, &redis, &database, &keys, &templates, &mail, &road, &log, &status})
        section->refuse_unknown();

    auto override_by = [&](const char* name, std::string& value) {
        if (auto given = environment(name))
            value = *given;
    };
    override_by("SERVER_URL", configuration.server_url);
    override_by("FROM_EMAIL", configuration.mail.from);
    override_by("CONTACT_EMAIL", configuration.mail.contact);
    if (auto given = database_of(environment))
        configuration.database = *given;

    require(configuration.server_url, "server.url", "SERVER_URL");
    require(configuration.redis.socket, "redis.socket", "");
    require(configuration.database, "database.url", "DATABASE_URL");
    require(configuration.keys.string(), "keys.file", "");
    require(configuration.mail.from, "mail.from", "FROM_EMAIL");
    while (configuration.server_url.ends_with('/'))
        configuration.server_url.pop_back();
    if (!std::set<std::string>{"debug", "info", "warn", "error"}.contains(configuration.log_level))
        throw ConfigurationError(file.string() + ": log.level = \"" + configuration.log_level +
                                 "\": must be debug, info, warn or error");
    if (!password_file.empty())
        configuration.redis.password = first_line(password_file, "redis.password_file");
    if (configuration.road.consumer.empty())
        configuration.road.consumer = own_name(file);
    return configuration;
}

} // namespace mogiri::daemon
