// nginx has no hook between accepting a connection and its first complaint about the request line, so the
// listening sockets' own handler is wrapped.
#include "http/error_log.hpp"

#include "directives.hpp"
#include "http/context.hpp"

namespace mogiri::module {

namespace {

// nginx's own handler, the same for all HTTP connections.
ngx_log_handler_pt write_connection = nullptr;

u_char* write_route(ngx_http_request_t* request, ngx_http_request_t*, u_char* buffer, size_t size) {
    const ngx_str_t route = borrowed(known_route(request));
    return ngx_snprintf(buffer, size, ", route: %V", &route);
}

u_char* write_context(ngx_log_t* log, u_char* buffer, size_t size) {
    ngx_http_request_t* request = static_cast<ngx_http_log_ctx_t*>(log->data)->request;
    if (request != nullptr) {
        const auto* server =
            static_cast<const ServerConf*>(ngx_http_get_module_srv_conf(request, ngx_http_mogiri_module));
        if (server->serves) {
            request->log_handler = write_route;
        }
    }
    return write_connection(log, buffer, size);
}

void open_connection(ngx_connection_t* connection) {
    ngx_http_init_connection(connection);
    // The request line comes in a later turn. A connection that is closed already has no log any more.
    if (!connection->destroyed) {
        write_connection = connection->log->handler;
        connection->log->handler = write_context;
    }
}

} // namespace

ngx_int_t guard_error_log(ngx_cycle_t* cycle) noexcept {
    auto* sockets = static_cast<ngx_listening_t*>(cycle->listening.elts);
    for (ngx_uint_t i = 0; i < cycle->listening.nelts; ++i) {
        if (sockets[i].handler == ngx_http_init_connection) {
            sockets[i].handler = open_connection;
        }
    }
    return NGX_OK;
}

} // namespace mogiri::module
