// How mogirictl prints JSON.
#include "ctl/print_json.hpp"

#include <cstdio>

namespace mogiri::daemon {

void print(const Json& document) {
    json_dumpf(document.get(), stdout, JSON_INDENT(2));
    std::fputc('\n', stdout);
}

} // namespace mogiri::daemon
