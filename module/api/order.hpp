// A request of the API as the daemon is asked for it: its path, query and body as one JSON object.
//
// Pure functions: no nginx, no Redis.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/contract/master_keys.hpp"
#include "http/problem.hpp"

namespace mogiri::module {

struct ApiRequest {
    std::string_view pattern, path; // "/api/v1/users/{user}", "/api/v1/users/12"
    std::string_view query = {}, body = {};
    bool toml = false; // the body is no JSON
    std::optional<std::string_view> if_match = {};
    std::string session = {}, new_session = {}, new_secret = {}; // hashes; empty: none
};

// {"path","query","body" or "toml","if_match","session","new_session","new_secret"}, each where there is
// something. Members of the body that are secrets are sealed.
std::variant<std::string, Problem> api_arguments(const ApiRequest& request, const MasterKeys& keys);

} // namespace mogiri::module
