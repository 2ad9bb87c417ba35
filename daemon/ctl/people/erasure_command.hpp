// `mogirictl person erase` and `mogirictl retention …`: taking people's data away.
#pragma once

#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct PersonWish {
    std::string who;   // an address, or an applicant of the event
    std::string event; // slug; empty: all
    bool roster = false, revoke = false, dry_run = false, yes = false, json = false;
};

// Returns when the data is gone from Redis and its files, too. Throws CommandFailure.
void erase_person(const Configuration& configuration, const PersonWish& wish);

void list_retention(const Configuration& configuration, bool json);
// Begins what is due, and returns when mogirid has done it. `dry_run`: tells it only.
void run_retention(const Configuration& configuration, bool dry_run, bool json);

} // namespace mogiri::daemon
