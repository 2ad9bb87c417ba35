// The event file: TOML as an organiser writes it, as the JSON definition that PostgreSQL keeps, checked by
// the contract.
#pragma once

#include <stdexcept>
#include <string>

#include "contract/event_settings.hpp"
#include "contract/json_owner.hpp"

namespace mogiri::daemon {

// "file:line: key = value: remedy", ready to be shown.
class EventFileError : public std::runtime_error {
  public:
    explicit EventFileError(const std::string& text, std::string key = "")
        : std::runtime_error(text), key_(std::move(key)) {}
    const std::string& key() const { return key_; } // "form[0].limit"; empty: the text is no TOML

  private:
    std::string key_;
};

class EventFile {
  public:
    // Reads and checks; throws EventFileError.
    static EventFile load(const std::string& path);
    static EventFile parse(const std::string& text, const std::string& path);

    // In place of what the file says. Both throw EventFileError.
    void force_day(int day);
    void set_form_seconds(int seconds);

    const json_t* definition() const { return definition_.get(); }
    const EventSettings& settings() const { return settings_; }

  private:
    void set(const char* key, int value);
    EventFile(std::string path, Json definition, EventSettings settings)
        : path_(std::move(path)), definition_(std::move(definition)), settings_(std::move(settings)) {}

    std::string path_;
    Json definition_;
    EventSettings settings_;
};

} // namespace mogiri::daemon
