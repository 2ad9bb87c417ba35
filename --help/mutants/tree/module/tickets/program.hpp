// What programs do with an application's tickets: each request is one call of the daemon.
#pragma once

#include "http/request.hpp"
#include "http/routes.hpp"

namespace mogiri::module {

// POST /api/v1/applications/<id>/resend
ngx_int_t serve_resend(Request request, const Visit& visit);
// POST /api/v1/applications/<id>/tickets/<n>/rename {"name"}
ngx_int_t serve_rename(Request request, const Visit& visit);
// POST /api/v1/applications/<id>/tickets/<n>/return
ngx_int_t serve_return(Request request, const Visit& visit);

} // namespace mogiri::module
