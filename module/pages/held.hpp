// The page of an issued application with its tickets, and those that ask before what cannot be undone: a
// ticket returned, the waiting list left.
#pragma once

#include <string>
#include <string_view>

#include "daemon/contract/json_owner.hpp"
#include "pages/outcome.hpp"

namespace mogiri::module {

struct HeldPage {
    std::string shown; // what the daemon answered to application.show; empty: it did not answer
    std::string note;  // of what the page's last form came to: "renamed", "too_often"; others say nothing
    NewToken token;    // each form has one of its own
};

// In what the daemon answered to application.show.
WaitingPlace place_in(const json_t* shown);

std::string held_page(PageBook& book, const PageFrame& frame, const ResultPage& page, const HeldPage& held);

std::string return_page(PageBook& book, const PageFrame& frame, const std::string& application, int ticket,
                        const std::string& token);

std::string leave_page(PageBook& book, const PageFrame& frame, const std::string& application,
                       const std::string& token);

} // namespace mogiri::module
