// `mogirictl ticket …`: what tickets there are, and taking them back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

struct TicketFilter {
    std::string event; // slug; empty: all
    std::string status, application;
    std::int64_t limit = 100;
    bool personal = false, json = false;
};

struct Revocation {
    std::vector<std::string> tickets; // references or serials
    std::string reason;
    std::string event; // slug; empty: all
    bool json = false;
};

void list_tickets(const Configuration& configuration, const TicketFilter& filter);
void show_ticket(const Configuration& configuration, const std::string& ticket, const TicketFilter& wish);

// Returns when the door knows it. Throws CommandFailure (unpublished) when mogirid has not published it
// within 10 seconds: it is revoked in the ledger then, and the door may still let it in.
void revoke_tickets(const Configuration& configuration, const Revocation& wish);

} // namespace mogiri::daemon
