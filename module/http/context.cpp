// The notes about a request, as nginx variables.
#include "http/context.hpp"

#include <charconv>

namespace mogiri::module {

namespace {

void destroy_context(void* data) {
    std::destroy_at(static_cast<Context*>(data));
}

// An internal redirect clears nginx's list of contexts, but not the pool.
Context* kept_context(ngx_http_request_t* request) {
    for (ngx_pool_cleanup_t* cleanup = request->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == destroy_context) {
            return static_cast<Context*>(cleanup->data);
        }
    }
    return nullptr;
}

Context* known_context(ngx_http_request_t* request) {
    auto* known = static_cast<Context*>(ngx_http_get_module_ctx(request, ngx_http_mogiri_module));
    if (known == nullptr && (request->internal || request->filter_finalize)) {
        known = kept_context(request);
    }
    return known;
}

ngx_int_t set(ngx_http_variable_value_t* variable, std::string_view text) {
    variable->valid = 1;
    variable->no_cacheable = 0;
    variable->not_found = 0;
    variable->escape = 0;
    variable->len = static_cast<unsigned>(text.size()) & 0xfffffff;
    variable->data = borrowed(text).data;
    return NGX_OK;
}

template <std::string_view Context::*Member>
ngx_int_t noted(ngx_http_request_t* request, ngx_http_variable_value_t* variable, uintptr_t) {
    const Context* known = known_context(request);
    return set(variable, known == nullptr ? "-" : known->*Member);
}

// Seconds with milliseconds, as nginx's own times.
ngx_int_t redis_time(ngx_http_request_t* request, ngx_http_variable_value_t* variable, uintptr_t) {
    const Context* known = known_context(request);
    if (known == nullptr || known->redis_microseconds == 0) {
        return set(variable, "-");
    }
    constexpr std::size_t longest = 32;
    auto* text = static_cast<char*>(ngx_pnalloc(request->pool, longest));
    if (text == nullptr) {
        return NGX_ERROR;
    }
    const auto milliseconds = (known->redis_microseconds + 500) / 1000;
    char* end = std::to_chars(text, text + longest, milliseconds / 1000).ptr;
    *end++ = '.';
    for (const unsigned unit : {100U, 10U, 1U}) {
        *end++ = static_cast<char>('0' + milliseconds / unit % 10);
    }
    return set(variable, {text, static_cast<std::size_t>(end - text)});
}

} // namespace

Context& context(Request request) {
    if (Context* known = known_context(request.raw())) {
        ngx_http_set_ctx(request.raw(), known, ngx_http_mogiri_module);
        return *known;
    }
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(request.pool(), sizeof(Context));
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    auto* fresh = new (cleanup->data) Context();
    cleanup->handler = destroy_context;
    ngx_http_set_ctx(request.raw(), fresh, ngx_http_mogiri_module);
    return *fresh;
}

ngx_int_t add_variables(ngx_conf_t* cf) noexcept {
    struct Variable {
        ngx_str_t name;
        ngx_http_get_variable_pt get;
    };
    Variable variables[] = {
        {ngx_string("mogiri_route"), noted<&Context::route>},
        {ngx_string("mogiri_outcome"), noted<&Context::outcome>},
        {ngx_string("mogiri_reason"), noted<&Context::reason>},
        {ngx_string("mogiri_redis_time"), redis_time},
    };
    for (Variable& variable : variables) {
        ngx_http_variable_t* added = ngx_http_add_variable(cf, &variable.name, NGX_HTTP_VAR_NOCACHEABLE);
        if (added == nullptr) {
            return NGX_ERROR;
        }
        added->get_handler = variable.get;
    }
    return NGX_OK;
}

std::string_view known_route(ngx_http_request_t* request) {
    const Context* known = known_context(request);
    return known == nullptr ? "-" : known->route;
}

} // namespace mogiri::module
