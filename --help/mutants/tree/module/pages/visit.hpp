// A visitor's request for a page: which event, in which language, and the pages that go without a form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/request.hpp"
#include "http/routes.hpp"
#include "pages/frame.hpp"
#include "redis/settings_cache.hpp"

namespace mogiri::module {

struct PageVisit {
    SettingsPtr event; // null when there is none of that address
    PageFrame frame;   // its event is the one above

    // `wish`: the language that a form brought along; without it the query's "lang" decides, then the
    // browser.
    PageVisit(Request request, const Visit& visit, std::optional<Language> wish = std::nullopt);
};

// The query's value of that name, decoded.
std::optional<std::string> query_value(Request request, std::string_view name);

// GET /, GET /apply/<form>, GET /pages/<file>
ngx_int_t serve_index(Request request, const Visit& visit);
ngx_int_t serve_blank_form(Request request, const Visit& visit);
ngx_int_t serve_asset(Request request, const Visit& visit);

// An error as a page in the visit's language, or as a problem for who does not want pages.
ngx_int_t send_error_page(Request request, const PageFrame& frame, int status, std::string_view code = "");
// 404, or 503 while no event has ever been fetched.
ngx_int_t send_no_event(Request request, const PageFrame& frame);

// The event's form while it takes applications; else what came of answering 403, 404 or 503.
std::variant<const Form*, ngx_int_t> open_form(Request request, const PageVisit& page, std::string_view id);

} // namespace mogiri::module
