// Events in the ledger, as mogirictl writes them, and the counts that it shows.
//
// Every change that Redis must know leaves rows in cache_outbox in the same transaction and wakes mogirid,
// which publishes; unpublished() tells how many of them are still waiting.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <event_settings.hpp>
#include <json_owner.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

// The ledger cannot take the change as it is: says why and what to do.
class LedgerRefusal : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct EventChange {
    std::uint32_t number = 0;
    std::uint64_t version = 0; // of the settings after it
    bool created = false;
    // One line per value: "form[0].limit: 2 -> 10". Empty when nothing changes.
    std::vector<std::string> changes;
};

struct StoredEvent {
    std::uint32_t number = 0;
    std::uint64_t version = 0;
    bool is_default = false;
    Json definition;
};

struct LedgerCounts {
    std::int64_t events = 0, devices = 0, accounts = 0;
    std::int64_t applications = 0, refusals = 0, tickets = 0;
    std::int64_t unconfirmed = 0, awaiting_approval = 0, waiting = 0; // applications
    std::int64_t admissions = 0, scans = 0, conflicts = 0;
    std::int64_t mail_pending = 0, mail_sending = 0, mail_sent = 0, mail_retry = 0, mail_unknown = 0,
                 mail_failed = 0, mail_suppressed = 0;
    std::int64_t oldest_mail_s = 0; // age of the oldest mail that is due
    std::int64_t cache_waiting = 0, oldest_cache_s = 0;
    std::int64_t dead_letters = 0, alerts = 0;
};

struct OpenAlert {
    std::string kind, subject, text, raised_at;
};

struct EventRow {
    std::uint32_t number = 0;
    std::string slug;
    std::uint64_t version = 0;
    bool is_default = false;
    std::uint64_t epoch = 0;
};

class EventLedger {
  public:
    // `database` outlives this object.
    explicit EventLedger(Database& database) : database_(database) {}

    // The event of the definition's slug becomes this definition (shape: contract/event_settings.hpp). The
    // first event is the default one; `make_default` makes this one it. With `dry_run` nothing is written.
    // Throws SettingsError for a definition that is none, LedgerRefusal when issued tickets forbid the
    // change.
    EventChange store_event(const json_t* definition, bool dry_run, bool make_default = false);

    // Makes a draft that is like the event, under another slug. Throws LedgerRefusal when there is another
    // event of that slug, SettingsError when it is none.
    EventChange copy(std::string_view slug, const std::string& new_slug);
    // `state`: as definitions spell it.
    EventChange change_state(std::string_view slug, std::string_view state);
    // Throws LedgerRefusal when there is no such event.
    StoredEvent stored(std::string_view slug);

    std::vector<EventRow> events();
    // Throws LedgerRefusal when there is no such event.
    std::uint32_t number_of(std::string_view slug);
    LedgerCounts counts();
    std::vector<OpenAlert> alerts();

    // Rows of the event that Redis has not confirmed yet.
    std::int64_t unpublished(std::uint32_t event);

  private:
    EventChange store_locked(const json_t* definition, bool make_default);

    Database& database_;
};

} // namespace mogiri::daemon
