// The page that a mail's link leads to: it sets a password.
#pragma once

#include "http/routes.hpp"

namespace mogiri::module {

// GET /password: the link's token stands behind the '#', where no server and no log sees it; the page's script sends it.
ngx_int_t serve_password(Request request, const Visit& visit);

} // namespace mogiri::module
