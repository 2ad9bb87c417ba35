// The directives, each checked where it stands; what is missing is named when all have been read.
#include "directives.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "http/problem_page.hpp"
#include "http/routes.hpp"
#include "metrics.hpp"
#include "pages/pages.hpp"

namespace mogiri::module {

namespace {

constexpr std::size_t default_zone = 1024 * 1024;
constexpr std::size_t smallest_zone = 256 * 1024;

// By Queue. A mail may wait for days for its receiver's server.
constexpr std::array<ngx_msec_t, queue_count> oldest_by_default = {60'000, 60'000, 60'000, 0, 60'000};

MainConf& main_conf_of(void* conf) {
    return *static_cast<MainConf*>(conf);
}

std::string_view argument(ngx_conf_t* cf, ngx_uint_t number) {
    return view(static_cast<ngx_str_t*>(cf->args->elts)[number]);
}

// A path as nginx reads all of its paths: relative to the configuration.
std::string path_argument(ngx_conf_t* cf, ngx_uint_t number) {
    ngx_str_t path = static_cast<ngx_str_t*>(cf->args->elts)[number];
    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        throw std::bad_alloc();
    }
    return std::string(view(path));
}

char* complain(ngx_conf_t* cf, const std::string& what) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", what.c_str());
    return static_cast<char*>(NGX_CONF_ERROR);
}

// What every directive's setter goes through: an exception becomes nginx's error at that line.
template <class Body> char* reading(ngx_conf_t* cf, Body&& body) noexcept {
    try {
        return body();
    } catch (const std::exception& error) {
        return complain(cf, error.what());
    }
}

char* set_redis(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
    return reading(cf, [&]() -> char* {
        RedisAddress& address = main_conf_of(conf).redis;
        if (!address.name.empty()) {
            return const_cast<char*>("is duplicate");
        }
        ngx_url_t url{};
        url.url = static_cast<ngx_str_t*>(cf->args->elts)[1];
        url.default_port = 6379;
        url.no_resolve = 1;
        if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0) {
            return complain(
                cf,
                "mogiri_redis \"" + std::string(argument(cf, 1)) +
                    "\": give unix:/path/redis.sock or a numeric address and port; names are not resolved");
        }
        address.name = argument(cf, 1);
        address.socket_length = url.addrs[0].socklen;
        ngx_memcpy(&address.socket, url.addrs[0].sockaddr, url.addrs[0].socklen);
        return NGX_CONF_OK;
    });
}

char* set_redis_auth(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
    return reading(cf, [&]() -> char* {
        RedisAddress& address = main_conf_of(conf).redis;
        if (!address.user.empty()) {
            return const_cast<char*>("is duplicate");
        }
        const std::string path = path_argument(cf, 2);
        std::ifstream file(path);
        if (!std::getline(file, address.password) || address.password.empty()) {
            return complain(cf, "mogiri_redis_auth: no password can be read from the first line of " + path);
        }
        address.user = argument(cf, 1);
        return NGX_CONF_OK;
    });
}

char* set_keys(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
    return reading(cf, [&]() -> char* {
        std::optional<MasterKeys>& keys = main_conf_of(conf).keys;
        if (keys) {
            return const_cast<char*>("is duplicate");
        }
        keys = MasterKeys::load(path_argument(cf, 1));
        return NGX_CONF_OK;
    });
}

char* set_templates(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
    return reading(cf, [&]() -> char* {
        std::shared_ptr<Pages>& pages = main_conf_of(conf).pages;
        if (pages != nullptr) {
            return const_cast<char*>("is duplicate");
        }
        pages = std::make_shared<Pages>(path_argument(cf, 1));
        return NGX_CONF_OK;
    });
}

char* set_zone(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
    return reading(cf, [&]() -> char* {
        ngx_str_t text = static_cast<ngx_str_t*>(cf->args->elts)[1];
        const ssize_t size = ngx_parse_size(&text);
        if (size == NGX_ERROR || static_cast<std::size_t>(size) < smallest_zone) {
            return complain(cf, "mogiri_zone \"" + std::string(argument(cf, 1)) +
                                    "\": give a size of 256k or more");
        }
        return main_conf_of(conf).zone.reserve(cf, static_cast<std::size_t>(size))
                   ? NGX_CONF_OK
                   : static_cast<char*>(NGX_CONF_ERROR);
    });
}

char* set_oldest(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
    return reading(cf, [&]() -> char* {
        const std::string given = "mogiri_oldest \"" + std::string(argument(cf, 1)) + "\" \"" +
                                  std::string(argument(cf, 2)) + "\": ";
        const auto name = std::ranges::find(queue_names, argument(cf, 1));
        if (name == queue_names.end()) {
            return complain(cf, given + "name one of applications, calls, logins, mails, scans");
        }
        ngx_msec_t& age =
            static_cast<LocationConf*>(conf)->oldest[static_cast<std::size_t>(name - queue_names.begin())];
        if (age != NGX_CONF_UNSET_MSEC) {
            return complain(cf, given + "there is one for this queue already: keep one of them");
        }
        ngx_str_t text = static_cast<ngx_str_t*>(cf->args->elts)[2];
        const ngx_int_t milliseconds = view(text) == "off" ? 0 : ngx_parse_time(&text, 0);
        if (milliseconds == NGX_ERROR || (milliseconds == 0 && view(text) != "off")) {
            return complain(cf, given + "give a time such as 60s, or off");
        }
        age = static_cast<ngx_msec_t>(milliseconds);
        return NGX_CONF_OK;
    });
}

// The C face of a location's content handler.
template <ngx_int_t (*Serve)(Request)> ngx_int_t content_handler(ngx_http_request_t* request) {
    return guarded(request->connection->log, ngx_int_t{NGX_HTTP_INTERNAL_SERVER_ERROR},
                   [request] { return Serve(Request(request)); });
}

template <ngx_int_t (*Serve)(Request)> char* set_handler(ngx_conf_t* cf, ngx_command_t*, void*) noexcept {
    auto* location =
        static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    location->handler = content_handler<Serve>;
    static_cast<ServerConf*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_mogiri_module))->serves = true;
    main_conf_of(ngx_http_conf_get_module_main_conf(cf, ngx_http_mogiri_module)).serves = true;
    return NGX_CONF_OK;
}

template <class Conf> void* create(ngx_conf_t* cf) noexcept {
    return guarded(cf->log, static_cast<void*>(nullptr),
                   [cf] { return static_cast<void*>(make_in_pool<Conf>(cf->pool)); });
}

constexpr ngx_uint_t anywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;

} // namespace

ngx_command_t directives[] = {
    {ngx_string("mogiri_redis"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, set_redis, NGX_HTTP_MAIN_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("mogiri_redis_auth"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE2, set_redis_auth,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("mogiri_keys"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, set_keys, NGX_HTTP_MAIN_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("mogiri_templates"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, set_templates,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("mogiri_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, set_zone, NGX_HTTP_MAIN_CONF_OFFSET, 0,
     nullptr},

    {ngx_string("mogiri"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_handler<serve>, NGX_HTTP_LOC_CONF_OFFSET,
     0, nullptr},
    {ngx_string("mogiri_metrics"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_handler<serve_metrics>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("mogiri_problem"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_handler<serve_problem>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},

    {ngx_string("mogiri_old_paths"), anywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, old_paths), nullptr},
    {ngx_string("mogiri_wait"), anywhere | NGX_CONF_TAKE1, ngx_conf_set_msec_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConf, wait), nullptr},
    {ngx_string("mogiri_oldest"), anywhere | NGX_CONF_TAKE2, set_oldest, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("mogiri_high_water"), anywhere | NGX_CONF_TAKE1, ngx_conf_set_num_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, high_water), nullptr},
    ngx_null_command};

void* create_main_conf(ngx_conf_t* cf) noexcept {
    return create<MainConf>(cf);
}
void* create_server_conf(ngx_conf_t* cf) noexcept {
    return create<ServerConf>(cf);
}
void* create_location_conf(ngx_conf_t* cf) noexcept {
    return create<LocationConf>(cf);
}

char* init_main_conf(ngx_conf_t* cf, void* data) noexcept {
    return reading(cf, [&]() -> char* {
        MainConf& conf = main_conf_of(data);
        if (!conf.serves) {
            return NGX_CONF_OK;
        }
        const auto missing = [cf](const char* directive) {
            return complain(cf, std::string("a location has \"mogiri\", but there is no \"") + directive +
                                    "\" at http level");
        };
        if (conf.redis.name.empty()) {
            return missing("mogiri_redis");
        }
        if (!conf.keys) {
            return missing("mogiri_keys");
        }
        if (conf.pages == nullptr) {
            return missing("mogiri_templates");
        }
        if (!conf.zone.reserved() && !conf.zone.reserve(cf, default_zone)) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
        return NGX_CONF_OK;
    });
}

char* merge_location_conf(ngx_conf_t*, void* parent, void* child) noexcept {
    const auto& above = *static_cast<LocationConf*>(parent);
    auto& here = *static_cast<LocationConf*>(child);
    ngx_conf_merge_value(here.old_paths, above.old_paths, 0);
    ngx_conf_merge_msec_value(here.wait, above.wait, 2000);
    ngx_conf_merge_value(here.high_water, above.high_water, 100'000);
    for (std::size_t i = 0; i < queue_count; ++i) {
        ngx_conf_merge_msec_value(here.oldest[i], above.oldest[i], oldest_by_default[i]);
    }
    return NGX_CONF_OK;
}

} // namespace mogiri::module
