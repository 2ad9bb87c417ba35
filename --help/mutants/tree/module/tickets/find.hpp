// The page that mails the links to an address's applications, to who has lost them.
#pragma once

#include "http/routes.hpp"

namespace mogiri::module {

// GET, POST /apply/find: says the same whether or not anybody applied with the address, and as soon: the
// daemon looks for it when the answer is given already.
ngx_int_t serve_find(Request request, const Visit& visit);

} // namespace mogiri::module
