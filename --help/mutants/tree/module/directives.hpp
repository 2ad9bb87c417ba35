// What the directives set: for all of nginx (MainConf), for a server and for a location.
#pragma once

#include <array>
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

inline constexpr auto unset_ages = [] {
    std::array<ngx_msec_t, queue_count> ages{};
    ages.fill(NGX_CONF_UNSET_MSEC);
    return ages;
}();

struct LocationConf {
    ngx_flag_t old_paths = NGX_CONF_UNSET; // mogiri_old_paths
    ngx_msec_t wait = NGX_CONF_UNSET_MSEC; // mogiri_wait: milliseconds, for an application's decision
    ngx_int_t high_water = NGX_CONF_UNSET; // mogiri_high_water: jobs on their way, then 503
    // mogiri_oldest: by Queue, how many milliseconds a job may wait before /readyz is red; 0: any
    std::array<ngx_msec_t, queue_count> oldest = unset_ages;
};

// Called while the configuration is read, so that `nginx -t` reports what is wrong.
extern ngx_command_t directives[];
void* create_main_conf(ngx_conf_t* cf) noexcept;
char* init_main_conf(ngx_conf_t* cf, void* conf) noexcept;
void* create_server_conf(ngx_conf_t* cf) noexcept;
void* create_location_conf(ngx_conf_t* cf) noexcept;
char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) noexcept;

} // namespace mogiri::module
