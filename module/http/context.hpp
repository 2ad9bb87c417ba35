// What is noted about a request for logs and metrics: $mogiri_route, $mogiri_outcome, $mogiri_reason,
// $mogiri_redis_time.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "http/body.hpp"
#include "http/request.hpp"
#include "zone.hpp"

namespace mogiri::module {

struct Context {
    std::string_view route = "-"; // static texts, never anything that a client sent
    std::string_view outcome = "-";
    std::string_view reason = "-";
    std::uint64_t redis_microseconds = 0; // spent waiting for Redis
    GatePlace gate;                       // where a scan is made
    OnBody on_body;
    std::size_t longest_body = module::longest_body;
    std::function<void()> on_writable; // of an answer that is streamed
};

// Made on first use; survives nginx's internal redirects.
Context& context(Request request);

// Registers the variables; for the module's preconfiguration.
ngx_int_t add_variables(ngx_conf_t* cf) noexcept;

// For the error log, which may ask about requests that never came as far as a handler: "-".
std::string_view known_route(ngx_http_request_t* request);

} // namespace mogiri::module
