// /healthz: this worker answers. /readyz: Redis does too, and the default event's door is open.
#pragma once

#include "http/routes.hpp"

namespace mogiri::module {

ngx_int_t serve_healthz(Request request, const Visit& visit);
ngx_int_t serve_readyz(Request request, const Visit& visit);

} // namespace mogiri::module
