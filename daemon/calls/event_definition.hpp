// An event's definition in the body of a call, as JSON or as an event file: read and checked, whatever is
// done with it.
#pragma once

#include <string_view>
#include <variant>

#include "../ledger/event_ledger.hpp"
#include "verbs.hpp"

namespace mogiri::daemon {

// As the ledger takes it.
bool is_slug(std::string_view slug);

// The definition, or 422 with the key that is wrong.
std::variant<Json, CallResult> definition_in(CallTools& tools, const json_t* arguments);

// 409: issued tickets, say, do not allow the change.
CallResult not_possible(const LedgerRefusal& why);

} // namespace mogiri::daemon
