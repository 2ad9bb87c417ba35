// An HTTP request as handlers see it: views of what nginx parsed, valid as long as the request.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/contract/event_settings.hpp"
#include "ngx.hpp"

namespace mogiri::module {

struct LocationConf;
struct MainConf;

// A thin handle, passed by value. Does not own the request.
class Request {
  public:
    explicit Request(ngx_http_request_t* request) : request_(request) {}

    ngx_http_request_t* raw() const { return request_; }
    ngx_pool_t* pool() const { return request_->pool; }
    ngx_log_t* log() const { return request_->connection->log; }

    bool is(ngx_uint_t method) const { return (request_->method & method) != 0; }
    std::string_view path() const { return view(request_->uri); } // percent-decoded, without the query
    std::string_view query() const { return view(request_->args); }

    // The first header of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
    std::string_view content_type() const; // without parameters, in the sender's case; "" when absent
    bool has_content_type(std::string_view type) const;
    std::optional<std::string_view> bearer() const;

    // By Accept-Language.
    Language language() const;
    // Whether Accept names text/html: a browser, not a program.
    bool wants_html() const;

    const MainConf& main_conf() const;
    const LocationConf& location_conf() const;

  private:
    ngx_http_request_t* request_;
};

// Milliseconds since 1970, from nginx's cached time of this turn of the event loop.
std::int64_t now_ms();

} // namespace mogiri::module
