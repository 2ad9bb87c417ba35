// What supervisors do at the door, by their device or logged in: take a scan back, let somebody in against a refusal.
//
// Both go through the door as scans do, with who and why as their note.
#pragma once

#include "http/routes.hpp"

namespace mogiri::module {

// POST /api/v1/checkin/undo, /api/v1/checkin/force
ngx_int_t serve_undo(Request request, const Visit& visit);
ngx_int_t serve_force(Request request, const Visit& visit);

} // namespace mogiri::module
