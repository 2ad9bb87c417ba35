// The pages that say how it went: the result of an application, an error; and the list of an event's forms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/contract/apply_job.hpp"
#include "pages/frame.hpp"

namespace mogiri::module {

struct ResultPage {
    std::string application;
    std::optional<Answer> answer; // none while it is pending
    int looks = 0;                // how often this page was shown pending: it asks again less and less often
};

std::string result_page(PageBook& book, const PageFrame& frame, const ResultPage& page);

// In the words of the code where it has some ("closed"), else in those of the HTTP status.
std::string error_page(PageBook& book, const PageFrame& frame, int status, std::string_view code = "");

// Precondition: frame.event is there.
std::string index_page(PageBook& book, const PageFrame& frame, std::int64_t now_ms);

// Seconds until a pending result looks again: 2, 3, 5, 8, then 13.
int seconds_until_next_look(int looks);

} // namespace mogiri::module
