// What a person must look at about mail: rows of the table alert, one open per subject.
#pragma once

#include <mutex>
#include <set>
#include <string>

#include "../database.hpp"

namespace mogiri::daemon {

// Shared by all mail workers of a daemon, for one raises what another may clear.
class MailAlerts {
  public:
    void raise(Database& database, const std::string& subject, const std::string& text);
    // Asks the ledger only once while nothing is raised.
    void clear(Database& database, const std::string& subject);

  private:
    std::mutex mutex_;
    std::set<std::string> quiet_;
};

} // namespace mogiri::daemon
