// What an answer of SES means for the mail and for the transport.
#pragma once

#include <string>
#include <string_view>

#include <http/exchange.hpp>

namespace mogiri::ses {

// The exception's name ("MessageRejected"), or empty.
std::string error_of(const plugins::Answer& answer);

// Too fast, or too much at once: to be tried again a little later, and nobody's fault.
bool is_throttled(const plugins::Answer& answer);

// `sender`: whose refusal is the account's matter, not the mail's. Sets result.retry_after for a used-up
// quota.
void judge(const plugins::Answer& answer, const std::string& url, std::string_view sender,
           mogiri_result& result);

} // namespace mogiri::ses
