// Writes what came from the system before into the ledger, some applications a transaction; done again, it
// adds what is new and doubles nothing.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <master_keys.hpp>

#include "database.hpp"
#include "old_applications.hpp"

namespace mogiri::daemon {

struct ImportCounts {
    std::int64_t applications = 0; // new ones
    std::int64_t tickets = 0;      // new ones
    std::int64_t known = 0;        // tickets that are there already
    std::int64_t uses = 0;         // tickets and days whose use was taken over
};

class OldImport {
  public:
    // `database` outlives this object.
    OldImport(Database& database, const MasterKeys& keys, std::uint32_t event, const EventSettings& settings)
        : database_(database), keys_(keys), event_(event), settings_(settings) {}

    // Appends to `left_out` what the ledger does not take. With `dry_run` everything is rolled back.
    // `progress` is told how many applications are done. What a ticket's holder did at the old door is taken
    // over until our door has scanned it. Throws RefusedStatement, LostDatabase: what was done before then
    // stays, and the next import goes on.
    ImportCounts store(std::span<const OldApplication> applications, bool dry_run,
                       std::vector<LeftOutRow>& left_out, const std::function<void(std::size_t)>& progress);

    // The audit row. `by`: who ordered it; `source`: from where.
    void note(const std::string& by, const std::string& source, const ImportCounts& counts,
              std::size_t left_out);

    // Whether Redis has all of it.
    bool is_published();

  private:
    struct Place; // of an application in the ledger

    void store_batch(std::span<const OldApplication> applications, ImportCounts& counts,
                     std::vector<LeftOutRow>& left_out);
    void lock(std::span<const OldApplication> applications);
    std::map<std::string, Place> places_of(std::span<const OldApplication> applications);
    std::string reason_against(const OldApplication& application, const Place& place) const;
    std::int64_t store_uses(const std::vector<const OldTicket*>& tickets,
                            const std::vector<std::int64_t>& serials);

    Database& database_;
    const MasterKeys& keys_;
    std::uint32_t event_;
    const EventSettings& settings_;
};

} // namespace mogiri::daemon
