// The ledger as it is at one moment, read in steps however much there is: a connection of its own with one
// read-only transaction and one cursor.
//
// Owner: one thread. Holds a step's rows in memory and no more (tests/system/test_exports.py).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

class Snapshot {
  public:
    // Throws LostDatabase.
    explicit Snapshot(const std::string& conninfo);

    Database& database() { return database_; }

    // Each row of the SELECT, in its order. `began` gets the names of the columns, even if there is no row.
    using Names = std::vector<std::string>;
    void each(const std::string& select, const std::vector<Parameter>& parameters,
              const std::function<void(const Names&)>& began, const std::function<void(Row)>& row);

  private:
    Database database_;
};

} // namespace mogiri::daemon
