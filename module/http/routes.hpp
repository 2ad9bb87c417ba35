// One table of all addresses: which handler serves which path by which methods.
#pragma once

#include <span>
#include <string_view>

#include "http/request.hpp"

namespace mogiri::module {

// What the path said. Views of the request.
struct Visit {
    std::string_view slug; // of "/e/<slug>/…"; "" for the default event
    std::string_view
        rest; // behind the route's path, where it takes a rest: form id, application id, ticket code
};

// Answers (returns what reply.hpp returned), or begins to read the body, or parks the request (NGX_DONE).
using Handler = ngx_int_t (*)(Request, const Visit&);

enum class PathKind {
    exact,     // "/healthz"
    with_rest, // "/apply/": one more segment behind it, not empty, without '/'
    with_gaps, // "/a/*/b": any segment, not empty, in each place of a '*'; the rest begins at the first one
};

enum class Served {
    with_events,            // a fresh worker lets the request wait a moment until it knows the events
    always,                 // needs no event
    where_old_paths_are_on, // with_events, and mogiri_old_paths
};

struct Route {
    std::string_view name; // $mogiri_route, in logs and metrics
    std::string_view path;
    PathKind kind;
    ngx_uint_t methods; // NGX_HTTP_GET | NGX_HTTP_HEAD, NGX_HTTP_POST; others get 405 with Allow
    Handler handler;
    Served served = Served::with_events;
};

// The rows stand in routes.cpp. Exact paths win over paths with a rest.
std::span<const Route> routes();

// The content handler of every location with `mogiri;`.
ngx_int_t serve(Request request);

} // namespace mogiri::module
