// An applicant's request as the daemon is asked for it: which application and ticket the path names, and the
// call.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "calls/call.hpp"

namespace mogiri::module {

// "<application>/tickets/2/rename", "<application>/ticket/2.png", "<application>/resend"
struct HeldPath {
    std::string application;
    int ticket = 0; // 0: none
};

// Nothing when the application's id or the ticket's number cannot be one.
std::optional<HeldPath> read_held_path(std::string_view rest);

// `key`: the idempotency key of a write; empty: a read.
CallOrder application_order(const SettingsPtr& event, const HeldPath& path, std::string_view verb,
                            std::string_view key = {});
CallOrder ticket_order(const SettingsPtr& event, const HeldPath& path, std::string_view verb,
                       std::pair<const char*, std::string_view> argument, std::string_view key = {});

} // namespace mogiri::module
