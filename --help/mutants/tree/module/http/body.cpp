// Request bodies from nginx's buffers, in memory or in a temporary file.
#include "http/body.hpp"

#include "http/context.hpp"
#include "http/reply.hpp"

namespace mogiri::module {

namespace {

bool is_in_file(const ngx_buf_t* buffer) {
    return !ngx_buf_in_memory(buffer) && buffer->in_file;
}

std::size_t size_of(const ngx_chain_t* chain) {
    std::size_t size = 0;
    for (; chain != nullptr; chain = chain->next) {
        size += static_cast<std::size_t>(ngx_buf_size(chain->buf));
    }
    return size;
}

// Copies each buffer, from memory or from its file, to `to`.
bool collect(const ngx_chain_t* chain, u_char* to) {
    for (; chain != nullptr; chain = chain->next) {
        ngx_buf_t* buffer = chain->buf;
        const auto size = static_cast<std::size_t>(ngx_buf_size(buffer));
        if (!is_in_file(buffer)) {
            std::copy(buffer->pos, buffer->last, to);
        } else if (ngx_read_file(buffer->file, to, size, buffer->file_pos) != static_cast<ssize_t>(size)) {
            return false;
        }
        to += size;
    }
    return true;
}

ngx_int_t deliver(Request request) {
    const OnBody& on_body = context(request).on_body;
    const ngx_http_request_body_t* body = request.raw()->request_body;
    const ngx_chain_t* chain = body == nullptr ? nullptr : body->bufs;
    const std::size_t size = size_of(chain);
    if (size > longest_body) {
        return send_problem(request, {.status = 413});
    }
    if (size == 0) {
        return on_body(request, {});
    }
    if (chain->next == nullptr && !is_in_file(chain->buf)) {
        return on_body(request, {reinterpret_cast<const char*>(chain->buf->pos), size});
    }
    auto* whole = static_cast<u_char*>(ngx_pnalloc(request.pool(), size));
    if (whole == nullptr || !collect(chain, whole)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return on_body(request, {reinterpret_cast<const char*>(whole), size});
}

void body_arrived(ngx_http_request_t* raw) {
    const ngx_int_t result = guarded(raw->connection->log, ngx_int_t{NGX_HTTP_INTERNAL_SERVER_ERROR},
                                     [raw] { return deliver(Request(raw)); });
    ngx_http_finalize_request(raw, result);
}

} // namespace

ngx_int_t read_body(Request request, OnBody on_body) {
    ngx_http_request_t* raw = request.raw();
    if (raw->headers_in.content_length_n > static_cast<off_t>(longest_body)) {
        return send_problem(request, {.status = 413});
    }
    context(request).on_body = std::move(on_body);
    raw->request_body_in_single_buf = 1;
    const ngx_int_t result = ngx_http_read_client_request_body(raw, body_arrived);
    return result >= NGX_HTTP_SPECIAL_RESPONSE ? result : NGX_DONE;
}

} // namespace mogiri::module
