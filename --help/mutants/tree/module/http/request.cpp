// Reads what nginx parsed of a request.
#include "http/request.hpp"

#include <algorithm>
#include <strings.h>

#include "directives.hpp"

namespace mogiri::module {

namespace {

bool same_name(std::string_view left, std::string_view right) {
    return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
    for (const ngx_list_part_t* part = &request_->headers_in.headers.part; part != nullptr;
         part = part->next) {
        const auto* headers = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (same_name(view(headers[i].key), name)) {
                return view(headers[i].value);
            }
        }
    }
    return std::nullopt;
}

std::string_view Request::content_type() const {
    const ngx_table_elt_t* header = request_->headers_in.content_type;
    if (header == nullptr) {
        return {};
    }
    const std::string_view value = view(header->value);
    const std::string_view type = value.substr(0, value.find(';'));
    return type.substr(0, type.find_last_not_of(" \t") + 1);
}

bool Request::has_content_type(std::string_view type) const {
    return same_name(content_type(), type);
}

std::optional<std::string_view> Request::bearer() const {
    constexpr std::string_view scheme = "Bearer ";
    const ngx_table_elt_t* header = request_->headers_in.authorization;
    if (header == nullptr || !same_name(view(header->value).substr(0, scheme.size()), scheme)) {
        return std::nullopt;
    }
    return view(header->value).substr(scheme.size());
}

Language Request::language() const {
    return preferred_language(header("Accept-Language").value_or(""));
}

bool Request::wants_html() const {
    return header("Accept").value_or("").find("text/html") != std::string_view::npos;
}

const MainConf& Request::main_conf() const {
    return *static_cast<const MainConf*>(ngx_http_get_module_main_conf(request_, ngx_http_mogiri_module));
}

const LocationConf& Request::location_conf() const {
    return *static_cast<const LocationConf*>(ngx_http_get_module_loc_conf(request_, ngx_http_mogiri_module));
}

std::int64_t now_ms() {
    const ngx_time_t* now = ngx_timeofday();
    return static_cast<std::int64_t>(now->sec) * 1000 + static_cast<std::int64_t>(now->msec);
}

} // namespace mogiri::module
