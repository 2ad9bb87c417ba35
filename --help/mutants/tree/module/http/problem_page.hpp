// Errors for whoever asked: problem+json for programs, a short page for browsers; also those that nginx
// itself raised.
#pragma once

#include "http/reply.hpp"

namespace mogiri::module {

// By the request's Accept.
ngx_int_t send_error(Request request, const Problem& problem);

// The handler of a location with `mogiri_problem;`, which `error_page` leads to.
ngx_int_t serve_problem(Request request);

} // namespace mogiri::module
