// Answers, header by header, as nginx's output filters want them.
#include "http/reply.hpp"

namespace mogiri::module {

namespace {

// Both live as long as the request.
void add_header(Request request, ngx_str_t name, ngx_str_t value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&request.raw()->headers_out.headers));
    if (header == nullptr) {
        throw std::bad_alloc();
    }
    header->hash = 1;
    header->key = name;
    header->value = value;
}

// `length`: -1, not known.
void set_head(Request request, const Reply& reply, off_t length) {
    ngx_http_request_t* raw = request.raw();
    raw->headers_out.status = static_cast<ngx_uint_t>(reply.status);
    raw->headers_out.content_length_n = length;
    raw->headers_out.content_type = copied(request.pool(), reply.content_type);
    raw->headers_out.content_type_len = raw->headers_out.content_type.len;
    raw->headers_out.content_type_lowcase = nullptr;
    if (!reply.may_be_kept) {
        add_header(request, ngx_string("Cache-Control"), ngx_string("no-store"));
    }
    for (const auto& [name, value] : reply.headers) {
        add_header(request, copied(request.pool(), name), copied(request.pool(), value));
    }
}

constexpr std::string_view html_type = "text/html; charset=utf-8";

ngx_int_t send_with_problem_headers(Request request, const Problem& problem, std::string_view type,
                                    std::string_view body) {
    Reply reply{.status = problem.status, .content_type = type, .body = body};
    const std::string retry_after = std::to_string(problem.retry_after);
    if (problem.retry_after > 0) {
        reply.headers.emplace_back("Retry-After", retry_after);
    }
    if (problem.status == NGX_HTTP_UNAUTHORIZED) {
        reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    }
    if (!problem.allow.empty()) {
        reply.headers.emplace_back("Allow", problem.allow);
    }
    return send(request, reply);
}

} // namespace

ngx_int_t send(Request request, const Reply& reply) {
    ngx_http_request_t* raw = request.raw();
    // A body that nobody read is in the way of the connection's next request.
    if (const ngx_int_t result = ngx_http_discard_request_body(raw); result != NGX_OK) {
        return result;
    }

    set_head(request, reply, static_cast<off_t>(reply.body.size()));

    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(raw->pool));
    if (buffer == nullptr) {
        throw std::bad_alloc();
    }
    if (!reply.body.empty()) {
        const ngx_str_t body = copied(request.pool(), reply.body);
        buffer->pos = body.data;
        buffer->last = body.data + body.len;
        buffer->memory = 1;
    }
    buffer->last_buf = raw == raw->main ? 1 : 0;
    buffer->last_in_chain = 1;
    ngx_chain_t chain{buffer, nullptr};

    // Nothing may throw from here on: nginx cannot answer a second time.
    const ngx_int_t result = ngx_http_send_header(raw);
    if (result == NGX_ERROR || result > NGX_OK || raw->header_only) {
        return result;
    }
    return ngx_http_output_filter(raw, &chain);
}

ngx_int_t begin_stream(Request request, std::string_view content_type) {
    ngx_http_request_t* raw = request.raw();
    if (const ngx_int_t result = ngx_http_discard_request_body(raw); result != NGX_OK) {
        return result;
    }
    raw->headers_out.status = NGX_HTTP_OK;
    raw->headers_out.content_length_n = -1;
    raw->headers_out.content_type = copied(request.pool(), content_type);
    raw->headers_out.content_type_len = raw->headers_out.content_type.len;
    raw->headers_out.content_type_lowcase = nullptr;
    add_header(request, ngx_string("Cache-Control"), ngx_string("no-store"));
    add_header(request, ngx_string("X-Accel-Buffering"), ngx_string("no")); // another nginx in front is to pass it on at once
    if (const ngx_int_t result = ngx_http_send_header(raw); result == NGX_ERROR || result > NGX_OK) {
        return result;
    }
    return raw->header_only ? NGX_HTTP_NO_CONTENT : ngx_http_send_special(raw, NGX_HTTP_FLUSH) == NGX_ERROR ? NGX_ERROR : NGX_OK;
}

ngx_int_t send_head(Request request, const Reply& reply) {
    if (const ngx_int_t result = ngx_http_discard_request_body(request.raw()); result != NGX_OK) {
        return result;
    }
    set_head(request, reply, -1);
    return ngx_http_send_header(request.raw());
}

ngx_int_t send_json(Request request, int status, std::string_view json) {
    return send(request, {.status = status, .body = json});
}

ngx_int_t send_html(Request request, int status, std::string_view html) {
    return send(request, {.status = status, .content_type = html_type, .body = html});
}

ngx_int_t redirect(Request request, std::string_view location) {
    return send(request, {.status = 303, .content_type = "text/plain", .headers = {{"Location", location}}});
}

ngx_int_t send_problem(Request request, const Problem& problem) {
    return send_with_problem_headers(request, problem, "application/problem+json", problem_json(problem));
}

ngx_int_t send_problem_page(Request request, const Problem& problem, std::string_view html) {
    return send_with_problem_headers(request, problem, html_type, html);
}

} // namespace mogiri::module
