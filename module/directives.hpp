// What the directives set: for all of nginx (MainConf), for a server and for a location.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/contract/master_keys.hpp"
#include "ngx.hpp"
#include "redis/connection.hpp"
#include "zone.hpp"

namespace mogiri::module {

struct Pages;

// Lives in the configuration's pool; read in the master process, unchanged afterwards.
struct MainConf {
    RedisAddress redis;             // mogiri_redis, mogiri_redis_auth
    std::optional<MasterKeys> keys; // mogiri_keys
    std::shared_ptr<Pages> pages;   // mogiri_templates: what was read from the directory
    mutable Zone zone;              // mogiri_zone: memory that all workers share
    bool serves = false;            // some location has `mogiri;`: all of the above is there
};

struct ServerConf {
    bool serves = false; // one of its locations has `mogiri;`
};

struct LocationConf {
    ngx_flag_t old_paths = NGX_CONF_UNSET; // mogiri_old_paths
    ngx_msec_t wait = NGX_CONF_UNSET_MSEC; // mogiri_wait: milliseconds, for an application's decision
    ngx_int_t high_water = NGX_CONF_UNSET; // mogiri_high_water: jobs on their way, then 503
};

// Called while the configuration is read, so that `nginx -t` reports what is wrong.
extern ngx_command_t directives[];
void* create_main_conf(ngx_conf_t* cf) noexcept;
char* init_main_conf(ngx_conf_t* cf, void* conf) noexcept;
void* create_server_conf(ngx_conf_t* cf) noexcept;
void* create_location_conf(ngx_conf_t* cf) noexcept;
char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) noexcept;

} // namespace mogiri::module
