// What became of an application: for programs as JSON, for people as a page.
#pragma once

#include "http/request.hpp"
#include "http/routes.hpp"

namespace mogiri::module {

// GET /api/v1/applications/<id>
ngx_int_t serve_status(Request request, const Visit& visit);

// GET /apply/result/<id>
ngx_int_t serve_result(Request request, const Visit& visit);

} // namespace mogiri::module
