// One table of all addresses: which handler serves which path by which methods.
#pragma once

#include <span>
#include <string_view>

#include "api/access.hpp"
#include "calls/call.hpp"
#include "daemon/contract/event_settings.hpp"
#include "http/body.hpp"
#include "http/request.hpp"

namespace mogiri::module {

struct Route;

// What the path said. Views of the request.
struct Visit {
    std::string_view slug; // of "/e/<slug>/…"; "" for the default event
    std::string_view
        rest; // behind the route's path, where it takes a rest: form id, application id, ticket code
    std::string_view path = {}; // without "/e/<slug>"
    const Route* route = nullptr;
};

// Answers (returns what reply.hpp returned), or begins to read the body, or parks the request (NGX_DONE).
using Handler = ngx_int_t (*)(Request, const Visit&);

enum class PathKind {
    exact,     // "/healthz"
    with_rest, // "/apply/": one more segment behind it, not empty, without '/'
    with_gaps, // "/a/*/b", "/a/{id}": any segment, not empty, in each place of a '*' or a name; the rest
               // begins at the first '*'
};

enum class Served {
    with_events,            // a fresh worker lets the request wait a moment until it knows the events
    always,                 // needs no event
    where_old_paths_are_on, // with_events, and mogiri_old_paths
};

enum class KeyUse { needed, none };           // Idempotency-Key
enum class SessionUse { kept, begins, ends }; // what the answer does with the sender's cookie

// A secret that the worker makes: the daemon gets its hash, and only the answer tells it.
enum class SecretUse { none, api_key, device_key };

// Answers by itself, without the daemon; the path's views and the body live as long as the request.
using LocalAnswer = ngx_int_t (*)(Request, const EventSettings& event, std::string_view path,
                                  std::string_view body);

// Of a row of the API: the daemon's verb, and how it is asked for.
struct ApiCall {
    std::string_view verb = {};
    KeyUse key = KeyUse::none;
    SessionUse session = SessionUse::kept;
    Desk desk = Desk::calls;
    std::string_view type = "application/json"; // of the answer, or several: Accept must take one
    SecretUse secret = SecretUse::none;
    bool takes_toml = false; // beside JSON
    std::size_t longest = longest_body; // of a request's body
    LocalAnswer local = nullptr; // instead of the daemon
    bool only_reads = false; // a POST that changes nothing: it carries what stands in no address
    bool unawaited = false;  // answered 202 as soon as Redis has it: its time tells nothing
};

struct Route {
    std::string_view name; // $mogiri_route, in logs and metrics
    std::string_view path;
    PathKind kind;
    ngx_uint_t methods; // NGX_HTTP_GET | NGX_HTTP_HEAD, NGX_HTTP_POST, …; others get 405 with Allow
    Handler handler;
    Who who;
    Served served = Served::with_events;
    ApiCall api = {};
};

// The rows stand in routes.cpp. Exact paths win over paths with a rest.
std::span<const Route> routes();

// The content handler of every location with `mogiri;`.
ngx_int_t serve(Request request);

} // namespace mogiri::module
