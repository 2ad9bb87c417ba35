// What programs are told of a call: the daemon's JSON, or a problem with its code and words.
#pragma once

#include "calls/call.hpp"
#include "http/problem.hpp"

namespace mogiri::module {

// Precondition: outcome.status >= 400.
Problem call_problem(Request request, const CallOutcome& outcome, Language language);

ngx_int_t answer_call(Request request, const CallOutcome& outcome);

} // namespace mogiri::module
