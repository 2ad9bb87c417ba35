// What people and programs ask the API: each request is one call of the daemon, for who may ask it.
#pragma once

#include <functional>
#include <memory>

#include "http/parked.hpp"
#include "http/routes.hpp"
#include "redis/settings_cache.hpp"

namespace mogiri::module {

// The handler of every row that names a verb: reads the body, finds who asks, looks up whether they may, and
// hands it on.
ngx_int_t serve_api(Request request, const Visit& visit);

// For handlers of other rows: finds who asks by a session's cookie or a program's key, refuses who may not, by the row's
// roles and its verb, and goes on with whoever may; the end of what Parked::answer() is given.
using OnAdmitted = std::function<ngx_int_t(const std::shared_ptr<Parked>&, const Principal&)>;
ngx_int_t admit(Request request, const Visit& visit, SettingsPtr event, OnAdmitted then);

} // namespace mogiri::module
