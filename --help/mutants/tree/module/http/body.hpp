// Reads a request's body whole, wherever nginx put it, up to 64 KiB.
#pragma once

#include <functional>
#include <string_view>

#include "http/request.hpp"

namespace mogiri::module {

inline constexpr std::size_t longest_body = 64 * 1024;

// The body lives as long as the request. The reader answers at once (returns what send() returned) or parks
// the request and returns NGX_DONE.
using OnBody = std::function<ngx_int_t(Request, std::string_view body)>;

// What the content handler returns. A body that is too long gets 413 without calling `on_body`, which may run
// before this returns.
ngx_int_t read_body(Request request, OnBody on_body);

} // namespace mogiri::module
