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
    std::optional<std::int64_t> mail; // row of mail_outbox: the applicant may hold a 202 and is told
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
    // when the payload could not be read.
    Burial bury(const ClaimedJob& claimed, const std::optional<ApplyJob>& job, const std::string& sqlstate,
                const std::string& reason);

  private:
    std::optional<std::int64_t> owe_mail(const ApplyJob& job);

    Database& database_;
};

} // namespace mogiri::daemon
