// The page of an issued application with its tickets, and the one that asks before a ticket is returned.
#pragma once

#include <string>
#include <string_view>

#include "pages/outcome.hpp"

namespace mogiri::module {

struct HeldPage {
    std::string shown; // what the daemon answered to application.show; empty: it did not answer
    std::string note;  // of what the page's last form came to: "renamed", "too_often"; others say nothing
    NewToken token;    // each form has one of its own
};

std::string held_page(PageBook& book, const PageFrame& frame, const ResultPage& page, const HeldPage& held);

std::string return_page(PageBook& book, const PageFrame& frame, const std::string& application, int ticket,
                        const std::string& token);

} // namespace mogiri::module
