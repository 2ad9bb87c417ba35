// Applications in the ledger: a batch of them is decided and written in one transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <apply_job.hpp>

#include "../database.hpp"
#include "../road/decide.hpp"
#include "application_rows.hpp"
#include "settings_book.hpp"

namespace mogiri::daemon {

// The advisory lock under which everything about an applicant is decided.
std::int64_t applicant_lock(const ApplyJob& job);
// And the one under which its address becomes somebody's.
std::int64_t address_lock(const ApplyJob& job);

// The advisory locks under which tickets of a kind are sold: of its capacity and of those of its days.
std::vector<std::int64_t> capacity_locks(std::uint32_t event, const EventSettings& settings,
                                         const TicketKind& kind);

// Inside the caller's transaction: who has no application left that is issued, waits or awaits approval is no
// longer known, and another may have the name or the address.
void forget_applicants(Database& database, const std::vector<std::string>& applications);

class ApplicationLedger {
  public:
    // `signing_key`: the id of the master key that signs new tickets' codes. `database` outlives this object.
    ApplicationLedger(Database& database, std::uint8_t signing_key)
        : database_(database), signing_key_(signing_key) {}

    // Idempotent: an application that the ledger has keeps its decision, and one that was given up (a dead
    // letter) stays `failed` until its letter is resolved. Applicants, addresses, kinds and days
    // with a capacity are locked in sorted order, so that several daemons neither oversell nor deadlock.
    // Throws FaultyJob, RefusedStatement, LostDatabase; nothing is written then (but after a LostDatabase at
    // the very end everything may be). One settlement for each job, in their order.
    // `at_the_end` adds statements of the caller's to the transaction.
    std::vector<Settlement> settle(std::span<const ApplyJob> jobs,
                                   const std::function<void()>& at_the_end = {});

    // Inside the caller's transaction: what becomes of an application whose address is confirmed, by all
    // rules as they are now; its row tells it, and what follows from it is owed. Nothing when it is no (or no
    // longer) unconfirmed one, or its time is over.
    std::optional<Decision> confirm(std::uint32_t event, const std::string& id);

    // The numbers of all events.
    std::vector<std::uint32_t> events();

  private:
    void lock(std::span<const ApplyJob> jobs);
    Standing standing_of(std::span<const ApplyJob> jobs);
    void read_settled(std::span<const ApplyJob> jobs, Standing& standing);
    void read_applicants(std::span<const ApplyJob> jobs, Standing& standing);
    void read_roster(std::span<const ApplyJob> jobs, Standing& standing);
    void read_sales(std::span<const ApplyJob> jobs, Standing& standing);
    const BookedEvent& event_of(const ApplyJob& job) const;

    Database& database_;
    std::uint8_t signing_key_;
    SettingsBook book_;
};

} // namespace mogiri::daemon
