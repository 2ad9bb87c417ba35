// The door's figures for people and programs that watch it.
#pragma once

#include "http/routes.hpp"

namespace mogiri::module {

// GET /api/v1/door/stats, as they are now; GET /api/v1/door/stream, as they change (text/event-stream). For scanners'
// devices and for who is logged in and may.
ngx_int_t serve_door_stats(Request request, const Visit& visit);
ngx_int_t serve_door_stream(Request request, const Visit& visit);

} // namespace mogiri::module
