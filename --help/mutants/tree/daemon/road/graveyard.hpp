// Jobs whose own data is refused: their faults are counted, and after five they are buried with their reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <apply_job.hpp>

#include "../database.hpp"
#include "job_stream.hpp"

namespace mogiri::daemon {

struct Burial {
    Decision decision = Decision::failed;  // another one when the ledger had decided before
    std::int64_t tickets = 0, version = 0; // of that one
    std::optional<std::int64_t> mail;      // row of mail_outbox: the applicant may hold a 202 and is told
};

class Graveyard {
  public:
    static constexpr int faults_allowed = 5;

    // `database` outlives this object.
    explicit Graveyard(Database& database) : database_(database) {}

    // Counts a fault in the ledger. Returns how many the job has now.
    int count_fault(const ClaimedJob& claimed, const std::string& application, const std::string& sqlstate,
                    const std::string& reason);

    // Writes dead letter, alert and mail in one transaction; doing it again changes nothing. `job` is absent
    // when the payload could not be read. Under the applicant's lock: whoever settles the same application,
    // also when waking late, finds it buried, or has decided it and then nothing is buried.
    Burial bury(const ClaimedJob& claimed, const std::optional<ApplyJob>& job, const std::string& sqlstate,
                const std::string& reason);

  private:
    std::optional<Burial> decided(const ApplyJob& job);
    std::optional<std::int64_t> owe_mail(const ApplyJob& job);

    Database& database_;
};

} // namespace mogiri::daemon
