// The settings of an event and the list of events, as Redis publishes them to nginx's workers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "../database.hpp"

namespace mogiri::daemon {

struct SettingsDocument {
    std::uint64_t version = 0;
    std::string json; // shape: contract/event_settings.hpp, "as published"
};

// The definition with number, version, devices, and the days' times in milliseconds by the event's time zone.
// Nothing when there is no such event.
// SQL for a row of `event`: its definition as it is published, with number, version, devices, and every time
// in milliseconds.
extern const std::string published_definition;

std::optional<SettingsDocument> settings_document(Database& database, std::uint32_t event);

// Key `events`: [{"default","number","slug","version"}, …]
std::string events_document(Database& database);

} // namespace mogiri::daemon
