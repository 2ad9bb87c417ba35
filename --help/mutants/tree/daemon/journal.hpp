// The daemon's log, to stderr, where journald takes it. Carries ids, never names, addresses or codes.
#pragma once

#include <string>
#include <string_view>

namespace mogiri::daemon::journal {

// "debug", "info", "warn" or "error"; before the first call everything from info on is written.
void set_level(const std::string& level);

// Safe from every thread.
void debug(std::string_view text);
void info(std::string_view text);
void warn(std::string_view text);
void error(std::string_view text);

} // namespace mogiri::daemon::journal
