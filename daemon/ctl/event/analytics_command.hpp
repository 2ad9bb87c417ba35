// `mogirictl analytics`: statistics of an event.
#pragma once

#include <string>

#include "configuration.hpp"
#include "ledger/analytics.hpp"

namespace mogiri::daemon {

struct AnalyticsQuestion {
    std::string event; // slug
    AnalyticsWish wish;
    bool json = false;
};

void show_analytics(const Configuration& configuration, const AnalyticsQuestion& question);

} // namespace mogiri::daemon
