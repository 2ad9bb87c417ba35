// What Redis must still be told (cache_outbox) and how far it is known to have come (cache_state).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <apply_job.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

struct CacheState {
    std::uint64_t epoch = 0;
    std::uint64_t batch = 0;         // the highest that Redis has told
    std::string rebuild_reason = {}; // of a rebuild that somebody wants though nothing was lost
    std::string step = {};           // of a rebuild that is under way
};

struct DueRow {
    std::int64_t id = 0;
    std::uint32_t event = 0;
    std::uint64_t serial = 0; // of a ticket
    std::string application;  // whose answer changed
    // neither: the event's settings
};

class CacheLedger {
  public:
    explicit CacheLedger(Database& database) : database_(database) {}

    // Oldest first; a row that names several tickets comes once for each. `limit`: of rows.
    std::vector<DueRow> due(int limit);
    // Redis has these, and had come to these batches when it said so, by event: forgets the rows and notes
    // the batches together, so that a Redis which comes back without them is known to have lost time.
    void confirm(const std::vector<std::int64_t>& rows,
                 const std::map<std::uint32_t, std::uint64_t>& batches);
    // The same inside the caller's transaction. At its end, best: other daemons wait for the same rows.
    void note(const std::vector<std::int64_t>& rows, const std::map<std::uint32_t, std::uint64_t>& batches);

    CacheState state(std::uint32_t event);
    // Never goes down.
    void note_batch(std::uint32_t event, std::uint64_t batch);
    // Mogirid rebuilds the event soon, though nothing was lost.
    void want_rebuild(std::uint32_t event, std::string_view reason);
    // How far the rebuild is; empty: it is done.
    void note_rebuild(std::uint32_t event, std::string_view step);
    // The epoch of the rebuild that begins, above `above` and every earlier one of the event.
    std::uint64_t raise_epoch(std::uint32_t event, std::uint64_t above);

    // What is to be told about these applications, with their body hashes.
    std::vector<std::pair<std::string, Answer>> answers(const std::vector<std::string>& applications);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
