// The paths that scanners of the former system use, with its JSON; served only where mogiri_old_paths is on.
#pragma once

#include "http/routes.hpp"

namespace mogiri::module {

// GET /api/v1/entry/validate/<code>, /api/v1/exit/validate/<code>
ngx_int_t serve_old_entry(Request request, const Visit& visit);
ngx_int_t serve_old_exit(Request request, const Visit& visit);

// GET /api/v1/entry/total_number, /api/v1/exit/total_number: people of the current day
ngx_int_t serve_old_entry_total(Request request, const Visit& visit);
ngx_int_t serve_old_exit_total(Request request, const Visit& visit);

} // namespace mogiri::module
