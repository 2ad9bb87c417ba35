// Sends an answer: status, headers and body, right for HEAD, keep-alive and HTTP/2.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/problem.hpp"
#include "http/request.hpp"

namespace mogiri::module {

struct Reply {
    int status = 200;
    std::string_view content_type = "application/json";
    std::string_view body = {};                                              // copied into the request's pool
    std::vector<std::pair<std::string_view, std::string_view>> headers = {}; // copied
    bool may_be_kept = false; // a header above says for how long
};

// All of these return what a content handler or Parked::Respond returns. Every answer carries Cache-Control:
// no-store; the other security headers are the server configuration's (config/nginx/mogiri-server.conf).
ngx_int_t send(Request request, const Reply& reply);
// Sends the header of an answer that goes on; its end is the caller's. NGX_OK when it may go on.
ngx_int_t begin_stream(Request request, std::string_view content_type);
// The head alone; the body follows by nginx's output filter, its length is not known yet.
ngx_int_t send_head(Request request, const Reply& reply);
ngx_int_t send_json(Request request, int status, std::string_view json);
ngx_int_t send_html(Request request, int status, std::string_view html);
// 303 See Other to a path on this server ("/apply/result/…").
ngx_int_t redirect(Request request, std::string_view location);
// problem+json always: for the API.
ngx_int_t send_problem(Request request, const Problem& problem);
// The same with a body of one's own, `html`: a page of an error.
ngx_int_t send_problem_page(Request request, const Problem& problem, std::string_view html);

} // namespace mogiri::module
