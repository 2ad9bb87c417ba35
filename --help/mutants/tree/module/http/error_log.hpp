// Keeps request lines, with the codes and addresses in them, out of nginx's error log.
#pragma once

#include "ngx.hpp"

namespace mogiri::module {

// For the module's init_module: connections to every listening socket get a log that names, for servers with
// `mogiri`, the route instead of the request line, the host and the referrer.
ngx_int_t guard_error_log(ngx_cycle_t* cycle) noexcept;

} // namespace mogiri::module
