// Applications that await approval, as staff say yes or no to them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

class ApprovalDesk {
  public:
    // `database` outlives this object. `signing_key`: as ApplicationLedger has it.
    ApprovalDesk(Database& database, std::uint8_t signing_key)
        : database_(database), signing_key_(signing_key) {}

    // All of them or none. The places that they hold become tickets, and these are mailed; those that are
    // issued already stay as they are. Throws LedgerRefusal for one that does not await approval. Returns the
    // rows of cache_outbox that Redis has not confirmed yet.
    std::vector<std::int64_t> approve(const std::vector<std::string>& ids, std::string_view reason);

    // All of them or none, also from the waiting list. What they held is free again, and their applicants are
    // told by mail; those that were rejected already stay as they are. As approve() otherwise.
    std::vector<std::int64_t> reject(const std::vector<std::string>& ids, std::string_view reason);

  private:
    Database& database_;
    std::uint8_t signing_key_;
};

} // namespace mogiri::daemon
