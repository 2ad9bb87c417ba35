// The events' settings as the ledger has them, read again only when their version changed.
//
// Owner: one worker, beside its Database.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include <event_settings.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

struct BookedEvent {
    EventSettings settings;
    std::int64_t state_since_ms = 0; // when settings.state became what it is
};

class SettingsBook {
  public:
    // One round trip. Throws what Database::query throws.
    void refresh(Database& database);

    // Null when there is no such event.
    const BookedEvent* find(std::uint32_t event) const;
    std::vector<std::uint32_t> numbers() const;

  private:
    std::map<std::uint32_t, BookedEvent> events_;
};

} // namespace mogiri::daemon
