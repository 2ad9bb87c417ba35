// Statistics of an event: every figure in one document, made by the ledger's own function.
#pragma once

#include <optional>
#include <string>

#include <event_settings.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

// Each may be empty: then it is not asked for.
struct AnalyticsWish {
    std::string from, to; // dates; of the event's days, so that the night after a day counts to it
    std::string by;       // split into groups by form, class, kind or gate
    std::string form, class_name, kind, gate; // of these alone; ids
};

// What cannot be asked of the event: the wish by its name, and the remedy.
struct AnalyticsFault {
    std::string field, remedy;
};

std::optional<AnalyticsFault> fault_of(const AnalyticsWish& wish, const EventSettings& event);

// JSON. Precondition: fault_of() finds none. Scans are in it as soon as they are in the ledger.
std::string analytics(Database& database, std::uint32_t event, const AnalyticsWish& wish);

} // namespace mogiri::daemon
