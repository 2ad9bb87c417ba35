// Rosters by list in the ledger: imported, listed, cleared.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

struct RosterEntry {
    std::string id, name;
    std::string address; // as it is compared; empty: any will do
    std::string class_name;
};

struct RosterChange {
    std::int64_t added = 0, changed = 0, unchanged = 0;
    std::int64_t absent = 0; // not among them, and kept
};

class RosterLedger {
  public:
    // `database` outlives this object.
    explicit RosterLedger(Database& database) : database_(database) {}

    // All of them or, with `dry_run`, none; entries that are not among them stay. `progress` is called with
    // how many are done.
    RosterChange store(std::uint32_t event, std::string_view form, std::span<const RosterEntry> entries,
                       bool dry_run, const std::function<void(std::size_t)>& progress);
    // In the order of their ids; `class_name` empty: all.
    std::vector<RosterEntry> list(std::uint32_t event, std::string_view form, std::string_view class_name,
                                  std::int64_t limit);
    // Returns how many there were.
    std::int64_t clear(std::uint32_t event, std::string_view form);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
