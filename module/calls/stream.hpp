// An answer that comes in chunks: from Redis to the client, as fast as the client takes it.
#pragma once

#include "calls/call.hpp"

namespace mogiri::module {

// Begins the answer and goes on by itself. One chunk is in the worker's memory; the next is taken when the
// client has this one. When something fails the connection breaks without the end of the body, which tells
// the client that it has not all. Precondition: outcome.stream; what a Parked::Respond returns.
ngx_int_t stream(Request request, const CallOutcome& outcome);

} // namespace mogiri::module
