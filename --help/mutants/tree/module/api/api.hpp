// What people and programs ask the API: each request is one call of the daemon, for who may ask it.
#pragma once

#include "http/routes.hpp"

namespace mogiri::module {

// The handler of every row that names a verb: reads the body, finds who asks, looks up whether they may, and
// hands it on.
ngx_int_t serve_api(Request request, const Visit& visit);

} // namespace mogiri::module
