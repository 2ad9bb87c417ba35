// Brings the ledger's tables to the newest migration.
#pragma once

#include <stdexcept>

#include "../database.hpp"

namespace mogiri::daemon {

// The ledger was made by a newer mogirid, or a migration does not fit what stands there.
class SchemaError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Under an advisory lock, so that daemons starting together do it once; each migration is one transaction.
// Returns how many ran. Throws SchemaError, LostDatabase.
int migrate(Database& database);

// The newest migration that the ledger has; 0 when it is empty.
int schema_version(Database& database);

} // namespace mogiri::daemon
