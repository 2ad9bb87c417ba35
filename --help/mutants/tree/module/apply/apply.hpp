// An application's way from the browser or program into Redis, and the decision's way back.
#pragma once

#include "http/request.hpp"
#include "http/routes.hpp"

namespace mogiri::module {

// GET /apply/<form>: the form. POST: the confirmation page, or the form again with what is wrong.
ngx_int_t serve_form(Request request, const Visit& visit);

// POST /api/v1/apply: puts the application on its way and waits a little for the decision.
ngx_int_t serve_apply(Request request, const Visit& visit);

} // namespace mogiri::module
