// What is noted about a request for logs and metrics: $mogiri_route, $mogiri_outcome, $mogiri_reason, $mogiri_redis_time.
#pragma once

#include <string_view>

#include "request.hpp"

namespace mogiri::module {

struct Context {
    std::string_view route = "-";    // static texts, never anything that a client sent
    std::string_view outcome = "-";
    std::string_view reason = "-";
    ngx_msec_t redis_time = 0;       // milliseconds spent waiting for Redis
};

// Made on first use; survives nginx's internal redirects.
Context& context(Request request);

}  // namespace mogiri::module
