// What a person must look at about mail: rows of the table alert, one open per subject.
#pragma once

#include <set>
#include <string>

#include "../database.hpp"

namespace mogiri::daemon {

// Owner: one mail worker, beside its Database.
class MailAlerts {
  public:
    explicit MailAlerts(Database& database) : database_(database) {}

    void raise(const std::string& subject, const std::string& text);
    // Asks the ledger only once while nothing is raised.
    void clear(const std::string& subject);

  private:
    Database& database_;
    std::set<std::string> quiet_;
};

} // namespace mogiri::daemon
