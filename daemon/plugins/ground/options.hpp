// What a transport's table says, taken key by key: checked, with errors that begin with the key.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include <transport.h>

namespace mogiri::plugins {

// "port = "99999": must be a whole number from 1 to 65535"
class SettingsError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

[[noreturn]] void refuse(const char* key, const std::string& value, const std::string& remedy);

// The file's first line. A name without "/" is a credential that systemd has loaded for the service. Throws
// SettingsError.
std::string read_secret(const char* key, const std::string& file);

// The options by key, each taken once; what is left over is unknown. Everything throws SettingsError.
class Options {
  public:
    // `table`: "mail.smtp".
    Options(const char* table, const mogiri_option* options, std::size_t count);

    // Empty when it is not there. What stands in the environment under `name` wins.
    std::string take(const char* key, const char* name = nullptr);
    int take_number(const char* key, int otherwise, int least, int most);
    void take_seconds(const char* key, std::chrono::seconds& into, int most);
    bool take_truth(const char* key);

    // What read_secret() finds; empty when neither the key nor the name in the environment is there.
    std::string take_secret(const char* key, const char* name = nullptr);

    void refuse_rest() const;

  private:
    const char* table_;
    std::map<std::string, std::string> values_;
    std::string known_;
};

// By what it is called: what a name leads to is not asked.
bool is_loopback(std::string_view host);

} // namespace mogiri::plugins
