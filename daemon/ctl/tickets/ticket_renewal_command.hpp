// `mogirictl ticket reissue|rename|issue`: new codes for applicants who have tickets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

struct Reissue {
    std::vector<std::string> tickets; // references or serials
    std::string reason;
    std::optional<std::string> guest = std::nullopt; // another name
    std::string event;                               // slug; empty: all
    bool json = false;
};

struct ExtraTickets {
    std::string application;
    std::vector<std::string> guests;
    std::string reason;
    bool json = false;
};

// Both return when the door knows it. They throw CommandFailure (unpublished) when mogirid has not published
// it within 10 seconds.
void reissue_tickets(const Configuration& configuration, const Reissue& wish);
void issue_tickets(const Configuration& configuration, const ExtraTickets& wish);

} // namespace mogiri::daemon
