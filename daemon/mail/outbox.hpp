// The table mail_outbox: which mails are owed, who is sending them, and how it ended.
//
//   pending ──▶ sending ──▶ sent | failed | suppressed
//      ▲         │  │  ▲
//      └ stopped ┘  ▼  │
//          retry, unknown ┘
//
// CHECK constraints (sql/0001_road.sql) leave no other combination of state, lease and times.
// A worker holds a row by a lease; only the lease's owner writes its end (tests/unit/mail/outbox_test.cpp).
// `sending` is committed before anything is delivered, so a lease that runs out means that nobody knows:
// unknown.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"
#include "transport.hpp"

namespace mogiri::daemon {

// A row that this worker holds.
struct OwedMail {
    std::int64_t id = 0;
    std::uint32_t event = 0;
    std::string application, kind, recipient, language;
    std::string message_id; // the same in every attempt
    int attempts = 0;       // this one included
    int unknowns = 0;       // earlier deliveries whose answer was lost
};

// A row that may be due. `message_id` is for one that has none yet.
struct DueMail {
    std::int64_t row = 0;
    std::string message_id;
};

// How one mail ended and which one is held next, in one commit.
struct Turn {
    std::optional<std::string> state; // nothing: the lease had run out, the row stays as another has it
    std::optional<OwedMail> next;     // nothing: it is not due, or somebody else has it
};

// In whose name rows are held: the daemon's, which outlives its processes, and this process's own.
struct LeaseName {
    explicit LeaseName(std::string daemon);

    std::string daemon, process;
    int shift = 1; // of this process's workers, one a configuration

    std::string life() const { return daemon + ":" + process + "/"; }
    std::string of_worker(int number) const {
        return life() + std::to_string(shift) + "." + std::to_string(number);
    }
    // For the workers that come after these in the same process: neither shift takes the other's rows for its
    // own, nor for those of a dead process.
    LeaseName next(std::string daemon_now) const;
};

// Owner: one mail worker, beside its Database. Throws what Database::query throws.
class Outbox {
  public:
    // `holder`: what LeaseName calls this worker.
    Outbox(Database& database, std::string holder, std::chrono::seconds lease,
           std::chrono::seconds first_retry)
        : database_(database), holder_(std::move(holder)), lease_(lease), first_retry_(first_retry) {}

    // Takes the row, when it is due and nobody else holds it, and commits `sending`.
    std::optional<OwedMail> claim(const DueMail& due);

    // Writes how the delivery ended, and claims the next mail by the same commit. Transient ones come back
    // after retry_delay() for 48 h; a lost answer once more; a stopped transport costs no attempt.
    Turn finish(const OwedMail& mail, const Delivery& delivery, const std::optional<DueMail>& next = {});

    // There is nobody to send it to any more.
    Turn suppress(const OwedMail& mail, std::string_view why, const std::optional<DueMail>& next = {});

  private:
    struct Ending {
        const OwedMail& mail;
        const Delivery& delivery;
        std::string_view state;
        std::chrono::milliseconds wait;
    };
    Turn turn(const std::optional<Ending>& ending, const std::optional<DueMail>& due);

    Database& database_;
    std::string holder_;
    std::chrono::seconds lease_, first_retry_;
};

// `first` × 2ⁿ⁻¹, at most 1 h, ± 20 % by `chance` (0 to 1).
std::chrono::milliseconds retry_delay(std::chrono::seconds first, int attempts, double chance);

// What nobody works on though it is due. Owner: the mail sweep, beside its Database.
class ForgottenMail {
  public:
    ForgottenMail(Database& database, LeaseName name) : database_(database), name_(std::move(name)) {}

    // Leases that ran out, and those of this daemon's dead processes: the rows become unknown and due.
    // Returns how many. Two living daemons of one name wait for each other's leases: only one can hold the
    // name's lock.
    std::int64_t expire_leases();

    // Whether this daemon holds its name's lock, as far as expire_leases() has found.
    bool name_is_ours() const { return name_is_ours_; }

    // Due rows that are not in the stream, whose oldest entry was added at `oldest` (none: the stream is
    // empty). They count as put into it from now on.
    std::vector<std::int64_t> claim_for_stream(std::uint32_t event,
                                               std::optional<std::chrono::milliseconds> oldest, int most);

  private:
    Database& database_;
    LeaseName name_;
    bool name_is_ours_ = false;
};

} // namespace mogiri::daemon
