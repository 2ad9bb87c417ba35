// GET /api/v1/door/bundle and /api/v1/door/bundle/names: what a scanner holds for the time without a network.
#pragma once

#include "http/routes.hpp"

namespace mogiri::module {

ngx_int_t serve_bundle(Request request, const Visit& visit);
ngx_int_t serve_bundle_names(Request request, const Visit& visit);

} // namespace mogiri::module
