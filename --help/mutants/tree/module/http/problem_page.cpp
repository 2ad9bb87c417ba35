// Errors for whoever asked: problem+json for programs, a short page for browsers; also those that nginx
// itself raised.
#include "http/problem_page.hpp"

#include "directives.hpp"
#include "pages/outcome.hpp"
#include "pages/pages.hpp"
#include "pages/visit.hpp"

namespace mogiri::module {

namespace {

// nginx's own numbers for what went wrong before there was a request; it answers them as 400.
int public_status(ngx_uint_t status) {
    switch (status) {
    case NGX_HTTP_REQUEST_HEADER_TOO_LARGE:
    case NGX_HTTPS_CERT_ERROR:
    case NGX_HTTPS_NO_CERT:
    case NGX_HTTP_TO_HTTPS:
        return NGX_HTTP_BAD_REQUEST;
    default:
        return static_cast<int>(status);
    }
}

} // namespace

ngx_int_t send_error(Request request, const Problem& problem) {
    if (request.wants_html()) {
        const PageVisit visit(request, {});
        return send_problem_page(
            request, problem,
            error_page(request.main_conf().pages->book, visit.frame, problem.status, problem.code));
    }
    return send_problem(request, problem);
}

ngx_int_t serve_problem(Request request) {
    ngx_http_request_t* raw = request.raw();
    const int status = raw->err_status == 0 ? NGX_HTTP_NOT_FOUND : public_status(raw->err_status);
    raw->err_status = static_cast<ngx_uint_t>(status);
    Problem problem{.status = status};
    if (status == NGX_HTTP_TOO_MANY_REQUESTS || status == NGX_HTTP_SERVICE_UNAVAILABLE) {
        problem.retry_after = 1;
    }
    return send_error(request, problem);
}

} // namespace mogiri::module
