// Who builds or mends an event's cache does it alone.
#include "rebuild_lock.hpp"

#include "../ledger/locks.hpp"

namespace mogiri::daemon {

RebuildLock::RebuildLock(Database& database, std::uint32_t event)
    : database_(database), event_(event),
      held_(database.query("SELECT pg_try_advisory_lock($1, $2)", {locks::rebuild, event})[0].truth(0)) {}

RebuildLock::~RebuildLock() {
    if (!held_ || !database_.alive())
        return;
    try {
        database_.query("SELECT pg_advisory_unlock($1, $2)", {locks::rebuild, event_});
    } catch (const std::exception&) {
        // The connection broke, and the lock with it.
    }
}

} // namespace mogiri::daemon
