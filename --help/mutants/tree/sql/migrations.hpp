// The numbered migrations of the ledger, in order.
#pragma once

#include <span>

namespace mogiri::daemon {

struct Migration {
    int number;
    const char* name;
    const char* sql;
};

std::span<const Migration> migrations();

} // namespace mogiri::daemon
