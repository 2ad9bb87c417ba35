// Applications in the ledger, as staff look them up and change them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

struct ApplicationRow {
    std::string id;
    std::uint32_t event = 0;
    std::string form, state, code; // code: of a refusal
    std::int64_t tickets = 0;
    std::string submitted_at, decided_at;                   // ISO 8601, UTC
    std::string applicant, email, language, fields, guests; // personal; the last two are JSON
};

struct ApplicationChange {
    std::string kind, reason, changed_at;
};

struct ApplicationFilter {
    std::optional<std::uint32_t> event;
    std::string form, state, applicant; // empty: all
    std::int64_t limit = 100;
};

class ApplicationDesk {
  public:
    // `database` outlives this object.
    explicit ApplicationDesk(Database& database) : database_(database) {}

    // Throws LedgerRefusal when there is none.
    ApplicationRow find(std::string_view id);
    // The newest first.
    std::vector<ApplicationRow> list(const ApplicationFilter& filter);
    std::vector<ApplicationChange> changes(const ApplicationRow& application);

    // All of them or none, issued or held. Their tickets are revoked, mails that were not sent yet are not
    // sent, and what they took is free again; those that are cancelled already stay as they are. Throws
    // LedgerRefusal for one that was refused. Returns the rows of cache_outbox that Redis has not confirmed
    // yet.
    std::vector<std::int64_t> cancel(const std::vector<std::string>& ids, std::string_view reason);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
