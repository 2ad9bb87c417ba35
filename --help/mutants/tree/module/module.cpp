// The nginx module: its hooks into nginx's phases and processes.
#include "directives.hpp"
#include "http/context.hpp"
#include "http/error_log.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

bool serves_requests() {
    return ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE;
}

// nginx calls this in its cache helper as well, which has no requests and needs no Redis.
ngx_int_t init_process(ngx_cycle_t* cycle) noexcept {
    auto* conf = static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_mogiri_module));
    if (!serves_requests() || conf == nullptr || !conf->serves) {
        return NGX_OK;
    }
    return guarded(cycle->log, ngx_int_t{NGX_ERROR}, [&] {
        start_worker(*conf, cycle->log);
        return ngx_int_t{NGX_OK};
    });
}

void exit_process(ngx_cycle_t* cycle) noexcept {
    guarded(cycle->log, [] { stop_worker(); });
}

ngx_http_module_t hooks = {
    add_variables,
    nullptr, // postconfiguration
    create_main_conf,
    init_main_conf,
    create_server_conf,
    nullptr, // a server inherits nothing
    create_location_conf,
    merge_location_conf,
};

} // namespace

} // namespace mogiri::module

ngx_module_t ngx_http_mogiri_module = {
    NGX_MODULE_V1,
    &mogiri::module::hooks,
    mogiri::module::directives,
    NGX_HTTP_MODULE,
    nullptr, // init_master
    mogiri::module::guard_error_log,
    mogiri::module::init_process,
    nullptr, // init_thread
    nullptr, // exit_thread
    mogiri::module::exit_process,
    nullptr, // exit_master
    NGX_MODULE_V1_PADDING,
};
