// The Prometheus text of a location with `mogiri_metrics;`: figures of all workers together.
#pragma once

#include "http/request.hpp"

namespace mogiri::module {

ngx_int_t serve_metrics(Request request);

} // namespace mogiri::module
