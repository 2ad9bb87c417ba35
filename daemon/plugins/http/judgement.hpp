// What an HTTP request that got no answer, or a common one, means for the mail and for the transport.
#pragma once

#include <string>

#include <transport.h>

#include "exchange.hpp"

namespace mogiri::plugins {

// The request had no status: was the server out of reach, or may it have the mail?
void judge_lost(const Answer& answer, const std::string& url, mogiri_result& result);

// A status that means the same everywhere: 5xx, a wrong address, too large, the login. `why`: what the server
// said. False when it is the service's own.
bool judge_common(const Answer& answer, const std::string& url, const std::string& why,
                  mogiri_result& result);

void tell(mogiri_result& result, mogiri_outcome outcome, const std::string& text);

} // namespace mogiri::plugins
