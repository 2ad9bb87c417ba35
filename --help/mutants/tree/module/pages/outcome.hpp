// The pages that say how it went: the result of an application, an error; and the list of an event's forms.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/contract/apply_job.hpp"
#include "pages/frame.hpp"

namespace mogiri::module {

using NewToken = std::function<std::string()>;

struct ResultPage {
    std::string application;
    std::optional<Answer> answer; // none while it is pending
    int looks = 0;                // how often this page was shown pending: it asks again less and less often
    std::string note = {};        // of what the page's last form came to: "resent"; others say nothing
    NewToken token = {};          // for the page's form, where it has one: each has one of its own
};

std::string result_page(PageBook& book, const PageFrame& frame, const ResultPage& page);

// What the page that the link in a mail leads to asks: whether the reader's address is the applicant's.
// `action`: where its button sends, which changes nothing before it is pressed.
std::string address_page(PageBook& book, const PageFrame& frame, const std::string& application,
                         const std::string& action, const std::string& note);

// "note" of a page that says what its last form came to.
void put_note(PageData& data, const PageWords& words, const std::string& note);

// In the words of the code where it has some ("closed"), else in those of the HTTP status.
std::string error_page(PageBook& book, const PageFrame& frame, int status, std::string_view code = "");

// Precondition: frame.event is there.
std::string index_page(PageBook& book, const PageFrame& frame, std::int64_t now_ms);

// Seconds until a pending result looks again: 2, 3, 5, 8, then 13.
int seconds_until_next_look(int looks);

} // namespace mogiri::module
