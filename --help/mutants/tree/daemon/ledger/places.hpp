// Which places of events are taken, and for which somebody waits.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "../database.hpp"
#include "../road/decide.hpp"

namespace mogiri::daemon {

using EventsAsked = std::map<std::uint32_t, const EventSettings*>; // by number

// Under capacity_locks() this stays as it is: tickets sold, and what applications that await approval hold.
TakenPlaces taken_places(Database& database, const EventsAsked& events);

// Event and kind.
std::set<std::pair<std::uint32_t, std::string>> awaited_kinds(Database& database, const EventsAsked& events);

} // namespace mogiri::daemon
