// The directives, each checked where it stands; what is missing is named when all have been read.
#include "directives.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

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

// What is wrong with a directive, and what to do about it.
class Wrong : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// How each is written; nginx -t shows it to who writes it otherwise.
struct Usage {
    std::string_view name;
    ngx_uint_t arguments;
    std::string_view example;
};

constexpr Usage usages[] = {
    {"mogiri_redis", 1, "mogiri_redis unix:/run/mogiri/redis.sock;"},
    {"mogiri_redis_auth", 2, "mogiri_redis_auth nginx /etc/mogiri/redis-nginx.password;"},
    {"mogiri_keys", 1, "mogiri_keys /etc/mogiri/master.keys;"},
    {"mogiri_templates", 1, "mogiri_templates /usr/share/mogiri/templates;"},
    {"mogiri_zone", 1, "mogiri_zone 1m;"},
    {"mogiri", 0, "mogiri;"},
    {"mogiri_metrics", 0, "mogiri_metrics;"},
    {"mogiri_problem", 0, "mogiri_problem;"},
    {"mogiri_old_paths", 1, "mogiri_old_paths off;"},
    {"mogiri_wait", 1, "mogiri_wait 2s;"},
    {"mogiri_oldest", 2, "mogiri_oldest scans 60s;"},
    {"mogiri_high_water", 1, "mogiri_high_water 100000;"},
};

// The directive as it stands in the file: mogiri_wait "soon"
std::string as_written(ngx_conf_t* cf) {
    std::string text(argument(cf, 0));
    for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
        text.append(" \"").append(argument(cf, i)) += '"';
    }
    return text;
}

void check_count(ngx_conf_t* cf) {
    const auto* usage = std::ranges::find(usages, argument(cf, 0), &Usage::name);
    const ngx_uint_t given = cf->args->nelts - 1;
    if (given != usage->arguments) {
        throw Wrong("takes " + std::to_string(usage->arguments) + " and not " + std::to_string(given) +
                    (usage->arguments == 1 ? " argument" : " arguments") + ": write it like \"" +
                    std::string(usage->example) + "\"");
    }
}

// What every directive goes through: an exception becomes nginx's error at that line, with directive and
// values.
template <void (*Read)(ngx_conf_t*, void*)> char* set(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
    try {
        check_count(cf);
        Read(cf, conf);
        return NGX_CONF_OK;
    } catch (const std::exception& error) {
        return complain(cf, as_written(cf) + ": " + error.what());
    }
}

void once(bool is_first) {
    if (!is_first) {
        throw Wrong("there is one already: keep one of the two");
    }
}

void read_redis(ngx_conf_t* cf, void* conf) {
    RedisAddress& address = main_conf_of(conf).redis;
    once(address.name.empty());
    ngx_url_t url{};
    url.url = static_cast<ngx_str_t*>(cf->args->elts)[1];
    url.default_port = 6379;
    url.no_resolve = 1;
    if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0) {
        throw Wrong("give unix:/path/redis.sock or a numeric address and port; names are not resolved");
    }
    address.name = argument(cf, 1);
    address.socket_length = url.addrs[0].socklen;
    ngx_memcpy(&address.socket, url.addrs[0].sockaddr, url.addrs[0].socklen);
}

void read_redis_auth(ngx_conf_t* cf, void* conf) {
    RedisAddress& address = main_conf_of(conf).redis;
    once(address.user.empty());
    if (argument(cf, 1).empty()) {
        throw Wrong("name Redis's user, \"nginx\" as packaged");
    }
    std::ifstream file(path_argument(cf, 2));
    if (!std::getline(file, address.password) || address.password.empty()) {
        throw Wrong("no password can be read from the first line of that file; it must be there, and "
                    "readable for who "
                    "starts nginx");
    }
    address.user = argument(cf, 1);
}

void read_keys(ngx_conf_t* cf, void* conf) {
    std::optional<MasterKeys>& keys = main_conf_of(conf).keys;
    once(!keys.has_value());
    try {
        keys = MasterKeys::load(path_argument(cf, 1));
    } catch (const std::exception& error) {
        throw Wrong(std::string(error.what()) + "; mogirictl keys create makes such a file");
    }
}

void read_templates(ngx_conf_t* cf, void* conf) {
    std::shared_ptr<Pages>& pages = main_conf_of(conf).pages;
    once(pages == nullptr);
    try {
        pages = std::make_shared<Pages>(path_argument(cf, 1));
    } catch (const std::exception& error) {
        throw Wrong(std::string(error.what()) +
                    "; give the directory that mogiri's packages brought, or a whole copy");
    }
}

void read_zone(ngx_conf_t* cf, void* conf) {
    Zone& zone = main_conf_of(conf).zone;
    once(!zone.reserved());
    ngx_str_t text = static_cast<ngx_str_t*>(cf->args->elts)[1];
    const ssize_t size = ngx_parse_size(&text);
    if (size == NGX_ERROR || static_cast<std::size_t>(size) < smallest_zone) {
        throw Wrong("give a size of 256k or more, such as 1m");
    }
    if (!zone.reserve(cf, static_cast<std::size_t>(size))) {
        throw Wrong("nginx has no such memory: give less");
    }
}

void read_old_paths(ngx_conf_t* cf, void* conf) {
    ngx_flag_t& flag = static_cast<LocationConf*>(conf)->old_paths;
    once(flag == NGX_CONF_UNSET);
    const std::string_view word = argument(cf, 1);
    if (word != "on" && word != "off") {
        throw Wrong("say on or off");
    }
    flag = word == "on" ? 1 : 0;
}

ngx_msec_t milliseconds_in(ngx_conf_t* cf, ngx_uint_t number) {
    ngx_str_t text = static_cast<ngx_str_t*>(cf->args->elts)[number];
    const ngx_int_t milliseconds = text.len == 0 ? NGX_ERROR : ngx_parse_time(&text, 0);
    if (milliseconds == NGX_ERROR) {
        throw Wrong("give a time such as 2s, 500ms or 5m");
    }
    return static_cast<ngx_msec_t>(milliseconds);
}

void read_wait(ngx_conf_t* cf, void* conf) {
    ngx_msec_t& wait = static_cast<LocationConf*>(conf)->wait;
    once(wait == NGX_CONF_UNSET_MSEC);
    wait = milliseconds_in(cf, 1);
}

void read_high_water(ngx_conf_t* cf, void* conf) {
    ngx_int_t& high_water = static_cast<LocationConf*>(conf)->high_water;
    once(high_water == NGX_CONF_UNSET);
    const ngx_str_t& text = static_cast<ngx_str_t*>(cf->args->elts)[1];
    const ngx_int_t jobs = ngx_atoi(text.data, text.len);
    if (jobs == NGX_ERROR) {
        throw Wrong("give a number of jobs, such as 100000");
    }
    high_water = jobs;
}

void read_oldest(ngx_conf_t* cf, void* conf) {
    const auto name = std::ranges::find(queue_names, argument(cf, 1));
    if (name == queue_names.end()) {
        throw Wrong("name one of applications, calls, logins, mails, scans");
    }
    auto& oldest = static_cast<LocationConf*>(conf)->oldest;
    ngx_msec_t& age = oldest[static_cast<std::size_t>(name - queue_names.begin())];
    once(age == NGX_CONF_UNSET_MSEC);
    age = argument(cf, 2) == "off" ? 0 : milliseconds_in(cf, 2);
    if (age == 0 && argument(cf, 2) != "off") {
        throw Wrong("give a time such as 60s, or off");
    }
}

// The C face of a location's content handler.
template <ngx_int_t (*Serve)(Request)> ngx_int_t content_handler(ngx_http_request_t* request) {
    return guarded(request->connection->log, ngx_int_t{NGX_HTTP_INTERNAL_SERVER_ERROR},
                   [request] { return Serve(Request(request)); });
}

template <ngx_int_t (*Serve)(Request)> void read_handler(ngx_conf_t* cf, void*) {
    auto* location =
        static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (location->handler != nullptr) {
        throw Wrong("something answers in this location already: give each a location of its own");
    }
    location->handler = content_handler<Serve>;
    static_cast<ServerConf*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_mogiri_module))->serves = true;
    main_conf_of(ngx_http_conf_get_module_main_conf(cf, ngx_http_mogiri_module)).serves = true;
}

template <class Conf> void* create(ngx_conf_t* cf) noexcept {
    return guarded(cf->log, static_cast<void*>(nullptr),
                   [cf] { return static_cast<void*>(make_in_pool<Conf>(cf->pool)); });
}

constexpr ngx_uint_t anywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;

} // namespace

// The setters count the arguments themselves: nginx would not say how many there should be.
ngx_command_t directives[] = {{ngx_string("mogiri_redis"), NGX_HTTP_MAIN_CONF | NGX_CONF_ANY, set<read_redis>,
                               NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
                              {ngx_string("mogiri_redis_auth"), NGX_HTTP_MAIN_CONF | NGX_CONF_ANY,
                               set<read_redis_auth>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
                              {ngx_string("mogiri_keys"), NGX_HTTP_MAIN_CONF | NGX_CONF_ANY, set<read_keys>,
                               NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
                              {ngx_string("mogiri_templates"), NGX_HTTP_MAIN_CONF | NGX_CONF_ANY,
                               set<read_templates>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
                              {ngx_string("mogiri_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_ANY, set<read_zone>,
                               NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},

                              {ngx_string("mogiri"), NGX_HTTP_LOC_CONF | NGX_CONF_ANY,
                               set<read_handler<serve>>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
                              {ngx_string("mogiri_metrics"), NGX_HTTP_LOC_CONF | NGX_CONF_ANY,
                               set<read_handler<serve_metrics>>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
                              {ngx_string("mogiri_problem"), NGX_HTTP_LOC_CONF | NGX_CONF_ANY,
                               set<read_handler<serve_problem>>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},

                              {ngx_string("mogiri_old_paths"), anywhere | NGX_CONF_ANY, set<read_old_paths>,
                               NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
                              {ngx_string("mogiri_wait"), anywhere | NGX_CONF_ANY, set<read_wait>,
                               NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
                              {ngx_string("mogiri_oldest"), anywhere | NGX_CONF_ANY, set<read_oldest>,
                               NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
                              {ngx_string("mogiri_high_water"), anywhere | NGX_CONF_ANY, set<read_high_water>,
                               NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
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
    try {
        MainConf& conf = main_conf_of(data);
        if (!conf.serves) {
            return NGX_CONF_OK;
        }
        const auto missing = [cf](std::string_view directive) {
            const auto* usage = std::ranges::find(usages, directive, &Usage::name);
            return complain(cf, "a location has \"mogiri\", but there is no \"" + std::string(directive) +
                                    "\" at http level: add one like \"" + std::string(usage->example) + "\"");
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
    } catch (const std::exception& error) {
        return complain(cf, error.what());
    }
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
