// The answers to POST /api/v1/apply: for programs JSON and problems, for people a redirection or the page
// again.
#pragma once

#include <string>
#include <string_view>

#include "apply/page.hpp"
#include "apply/submission.hpp"
#include "redis/settings_cache.hpp"

namespace mogiri::module {

// One application as it was sent, with all that an answer to it may need.
struct Application {
    SettingsPtr event; // keeps the submission's form alive
    Submission submission;
    std::string id;
    PageFrame frame;        // its language is that of the answers
    bool typed = false;     // into a page, by a person; else by a program
    FormValues values = {}; // as typed
    std::string token = {};
};

ngx_int_t answer_decided(Request request, const Application& application, const Answer& answer);
// Durable, not decided yet.
ngx_int_t answer_accepted(Request request, const Application& application);
// The key has brought other contents before.
ngx_int_t answer_reused(Request request, const Application& application);
// Not taken, or nobody knows: safe to repeat. `code`: "busy", "not_ready".
ngx_int_t answer_not_taken(Request request, const Application& application, std::string_view code);

// The address of the result page and of the status.
std::string result_path(const PageFrame& frame, std::string_view application);
std::string status_path(const PageFrame& frame, std::string_view application);

} // namespace mogiri::module
