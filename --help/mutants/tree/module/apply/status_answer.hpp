// The stored answer of an application, read from Redis and told as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/contract/apply_job.hpp"

namespace mogiri::module {

// What `{e}:a:<id>` holds: a body hash, and behind it the answer once there is one. Throws
// std::invalid_argument.
std::optional<Answer> stored_answer(std::string_view text);

// {"application","state","tickets","code"?}
std::string status_json(std::string_view application, const std::optional<Answer>& answer);

} // namespace mogiri::module
