// Whether Redis holds an event's settings as the ledger does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "../database.hpp"
#include "../redis.hpp"

namespace mogiri::daemon {

struct SettingsDifference {
    std::string what; // "missing", "content", "mark", "list"
    bool mended = false;
};

// What stands twice the same way while no change waits to be published. `repair` mends it by a version that
// is newer than what either side has: nginx's workers fetch it then.
std::optional<SettingsDifference> settings_difference(Redis& redis, Database& database, std::uint32_t event,
                                                      bool repair);

} // namespace mogiri::daemon
