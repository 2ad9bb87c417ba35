// What is noted about a request for logs and metrics: $mogiri_route, $mogiri_outcome, $mogiri_reason,
// $mogiri_redis_time.
#pragma once

#include <cstdint>
#include <string_view>

#include "body.hpp"
#include "request.hpp"

namespace mogiri::module {

struct Context {
    std::string_view route = "-"; // static texts, never anything that a client sent
    std::string_view outcome = "-";
    std::string_view reason = "-";
    std::uint64_t redis_microseconds = 0; // spent waiting for Redis
    OnBody on_body;
};

// Made on first use; survives nginx's internal redirects.
Context& context(Request request);

// Registers the variables; for the module's preconfiguration.
ngx_int_t add_variables(ngx_conf_t* cf) noexcept;

// The POST_READ handler that keeps request lines out of the error log of servers that mogiri serves.
ngx_int_t hide_request_line(ngx_http_request_t* request) noexcept;

} // namespace mogiri::module
