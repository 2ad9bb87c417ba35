#include "options.hpp"

#include <charconv>
#include <cstdlib>
#include <fstream>

namespace mogiri::plugins {

namespace {

const char* in_environment(const char* name) {
    const char* value = name ? std::getenv(name) : nullptr;
    return value && *value ? value : nullptr;
}

} // namespace

void refuse(const char* key, const std::string& value, const std::string& remedy) {
    throw SettingsError(std::string(key) + " = \"" + value + "\": " + remedy);
}

std::string read_secret(const char* key, const std::string& file) {
    std::string path = file;
    if (file.find('/') == file.npos) {
        const char* credentials = in_environment("CREDENTIALS_DIRECTORY");
        if (!credentials)
            refuse(key, file,
                   "must be the absolute path of a file, or the name of a credential of the service "
                   "(LoadCredential= of mogirid.service)");
        path = std::string(credentials) + "/" + file;
    }
    std::ifstream in(path);
    std::string line;
    if (!std::getline(in, line) || line.empty())
        refuse(key, file,
               "cannot be read or is empty; write the secret into its first line and let mogirid read it");
    if (line.ends_with('\r'))
        line.pop_back();
    return line;
}

Options::Options(const char* table, const mogiri_option* options, std::size_t count) : table_(table) {
    for (std::size_t i = 0; i < count; ++i)
        values_.emplace(options[i].key, options[i].value);
}

std::string Options::take(const char* key, const char* name) {
    known_ += std::string(known_.empty() ? "" : ", ") + key;
    const auto found = values_.extract(key);
    if (const char* given = in_environment(name))
        return given;
    return found ? found.mapped() : std::string();
}

int Options::take_number(const char* key, int otherwise, int least, int most) {
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

void Options::take_seconds(const char* key, std::chrono::seconds& into, int most) {
    into = std::chrono::seconds(take_number(key, static_cast<int>(into.count()), 1, most));
}

bool Options::take_truth(const char* key) {
    const std::string value = take(key);
    if (!value.empty() && value != "true" && value != "false")
        refuse(key, value, "must be true or false");
    return value == "true";
}

std::string Options::take_secret(const char* key, const char* name) {
    const std::string file = take(key);
    if (const char* given = in_environment(name))
        return given;
    return file.empty() ? std::string() : read_secret(key, file);
}

void Options::refuse_rest() const {
    if (!values_.empty())
        throw SettingsError(values_.begin()->first + " is not a key of " + table_ + "; it knows: " + known_);
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

} // namespace mogiri::plugins
