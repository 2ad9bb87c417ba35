// What a scanner decided while it was offline, sent later: POST /api/v1/checkin/batch.
#pragma once

#include "http/routes.hpp"

namespace mogiri::module {

inline constexpr std::size_t longest_offline_batch = 256 * 1024; // bytes
inline constexpr std::size_t most_offline_lines = 500;

// NDJSON in, NDJSON out: an answer for each line, in the same order. Each goes through the door as a scan of the day in
// which the device made it; the first that is committed wins, and nobody is un-admitted.
ngx_int_t serve_offline_batch(Request request, const Visit& visit);

} // namespace mogiri::module
