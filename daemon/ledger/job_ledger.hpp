// Jobs that do not go their way by themselves: faults, dead letters and mails in the ledger, and what a
// sysadmin orders about them. Times are text, ISO 8601 in UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

struct JobFault {
    std::uint32_t event = 0;
    std::string stream_id;
    std::int64_t faults = 0;
    std::string sqlstate, reason;
};

struct DeadLetter {
    std::int64_t id = 0;
    std::uint32_t event = 0;
    std::string stream_id;
    std::string application; // empty: the payload cannot be read
    std::string payload;
    std::int64_t faults = 0;
    std::string sqlstate, reason;
    std::string buried_at, resolved_at; // empty: not resolved
    std::int64_t age_ms = 0;
};

struct MailRow {
    std::int64_t id = 0;
    std::uint32_t event = 0;
    std::string application, kind, state;
    std::int64_t generation = 0, attempts = 0, unknowns = 0, last_code = 0;
    std::string next_at, lease_by; // of a waiting row, of one that is being sent
    std::string recipient, last_text;
    std::int64_t age_ms = 0;
    std::string created_at, ended_at; // the latter empty: not at its end
};

struct Moment {
    std::string at, what;
};

// The number of an order, and the application's decision when it has one already ("issued", …).
struct Retry {
    std::int64_t order = 0;
    std::string decided;
};

class JobLedger {
  public:
    // `database` outlives this object.
    explicit JobLedger(Database& database) : database_(database) {}

    std::vector<JobFault> faults();
    // Oldest first; of one event, or of all.
    std::vector<DeadLetter> letters(std::optional<std::uint32_t> event, bool resolved, std::int64_t limit);
    std::vector<MailRow> mails(std::optional<std::uint32_t> event, const std::vector<std::string>& states,
                               std::int64_t limit);
    // Of one application, in the order in which they were owed.
    std::vector<MailRow> mails_of(const std::string& application);
    std::optional<DeadLetter> letter(std::int64_t id);
    std::optional<DeadLetter> letter_of(std::uint32_t event, const std::string& stream_id);
    std::optional<MailRow> mail(std::int64_t id);
    // All that the ledger knows about a job and its application, in order; either may be empty.
    std::vector<Moment> timeline(std::uint32_t event, const std::string& stream_id,
                                 const std::string& application);

    // Resolves the letter and orders its job back on the road; doing it again does nothing more. Throws
    // LedgerRefusal when that is not possible.
    Retry retry_letter(std::int64_t id);
    // The number of the order. Throws LedgerRefusal when there is no such event.
    std::int64_t order_burial(std::uint32_t event, const std::string& stream_id, const std::string& reason);
    // "done", "decided" or "gone"; nothing while mogirid has not carried it out.
    std::optional<std::string> outcome(std::int64_t order);

    // The mail is due now; one that failed is owed once more, as a new row. Returns the row that is due.
    // Throws LedgerRefusal when the mail is at its end otherwise, or is being sent.
    std::int64_t retry_mail(std::int64_t id);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
