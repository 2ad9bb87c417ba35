// Between mogirictl and the daemon: the ledger that a command opens, and waiting until the door knows what it
// wrote.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include <json_owner.hpp>
#include <master_keys.hpp>

#include "configuration.hpp"
#include "database.hpp"
#include "ledger/event_ledger.hpp"

namespace mogiri::daemon {

// Throws LostDatabase, and CommandFailure when mogirid has not made the tables yet.
Database open_ledger(const Configuration& configuration);

// What the audit log calls this command's changes from now on: "roster.import". Who runs it and on which
// machine stands there already.
void name_deed(Database& database, std::string_view verb);
// A row of the audit log for the command as a whole: what was done to what, and how much of it.
void note_deed(Database& database, std::uint32_t event, std::string_view subject, const Json& amounts);

// Throws CommandFailure when the key file cannot be read.
MasterKeys master_keys(const Configuration& configuration);

// The id of the key that signs new tickets. Throws CommandFailure when the key file cannot be read.
std::uint8_t signing_key(const Configuration& configuration);

// Asks until it is so, for as long as a command waits for the daemon: 10 seconds. False when it never was.
bool await(const std::function<bool()>& done);

// What a command stored is known at the door by now; throws CommandFailure (unpublished) when it is not.
void require_published(bool known);

// mogirid publishes, never mogirictl. Throws CommandFailure (unpublished) when it has not within 10 seconds.
void await_publication(EventLedger& ledger, std::uint32_t event);

} // namespace mogiri::daemon
