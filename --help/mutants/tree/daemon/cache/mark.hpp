// What the daemon reads out of `{e}:ready` and what it makes of it when the event must be rebuilt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "../ledger/cache_ledger.hpp"

namespace mogiri::daemon {

// A mark that opens nothing, but keeps the epoch in which what survives in Redis was made.
std::string closed_mark(std::uint64_t epoch);

// Of an open or a closed mark; nothing when there is none.
std::optional<std::uint64_t> epoch_of_mark(std::string_view text);

// Why the event must be rebuilt, or nothing when Redis holds at least all that the ledger knows it to have
// held.
std::optional<std::string> reason_to_rebuild(std::string_view mark, const CacheState& known);

} // namespace mogiri::daemon
