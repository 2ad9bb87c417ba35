// Tickets in the ledger, as staff look them up and change them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

struct TicketRow {
    std::uint32_t event = 0;
    std::int64_t serial = 0;
    std::string reference, application, kind, status;
    std::int64_t version = 0;
    std::string guest;     // a name: only for who asks for it
    std::string issued_at; // ISO 8601, UTC
};

struct TicketChange {
    std::int64_t version = 0;
    std::string kind, reason, changed_at;
};

class TicketLedger {
  public:
    // `database` outlives this object.
    explicit TicketLedger(Database& database) : database_(database) {}

    // The one ticket that a reference, as a person may type it, or a serial names. Throws LedgerRefusal when
    // there is none, or when eight digits could be either.
    TicketRow find(std::string_view name, std::optional<std::uint32_t> event);
    // In the order of their serials; `status` or `application` empty: all.
    std::vector<TicketRow> list(std::optional<std::uint32_t> event, std::string_view status,
                                std::string_view application, std::int64_t limit);
    std::vector<TicketChange> changes(const TicketRow& ticket);

    // All of them or none, each with what Redis must be told. Those that are revoked already stay as they
    // are. Returns the rows of cache_outbox that Redis has not confirmed yet.
    std::vector<std::int64_t> revoke(const std::vector<TicketRow>& tickets, std::string_view reason);
    // How many of these rows Redis has not confirmed.
    std::int64_t unconfirmed(const std::vector<std::int64_t>& rows);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
