// `mogirictl ticket test` and `ticket remove-test`: tickets to try the door with.
#pragma once

#include <cstdint>
#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct TestTicketWish {
    std::string event, kind; // kind empty: the event's first
    std::int64_t count = 1;
    bool json = false;
};

// Prints their codes, which stand nowhere else. Both return when the door knows.
void issue_test_tickets(const Configuration& configuration, const TestTicketWish& wish);
void remove_test_tickets(const Configuration& configuration, const TestTicketWish& wish);

} // namespace mogiri::daemon
