// An application on its way: put into Redis, then waiting a little for the daemon's decision.
#pragma once

#include "apply/answer.hpp"

namespace mogiri::module {

// Answers, or parks the request: what a content handler returns.
ngx_int_t put_on_its_way(Request request, Application application);

} // namespace mogiri::module
