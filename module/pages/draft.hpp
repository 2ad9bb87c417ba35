// The applicants' pages of an event's definition that nobody has saved yet.
#pragma once

#include <string_view>

#include "daemon/contract/event_settings.hpp"
#include "http/request.hpp"

namespace mogiri::module {

// POST /api/v1/events/<event>/page: the body is a definition; the query's "form" names a form, without it the
// list of forms is meant, and "lang" a language. Answers {"page": HTML} and keeps nothing. The form has no
// token, so that nobody can send it, and a JSON answer is no page under our address.
ngx_int_t show_draft(Request request, const EventSettings& event, std::string_view path,
                     std::string_view body);

} // namespace mogiri::module
