// `mogirictl <thing> list` and `… show`: what the API lists and shows, in its words.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "configuration.hpp"
#include "ledger/listing.hpp"

namespace mogiri::daemon {

struct ListWish {
    std::string event;              // slug; empty: the default event
    std::vector<std::string> where; // "state=issued"
    std::string search, sort, since, until, after;
    int limit = 50;
    bool count = false, json = false;
};

// Without JSON a line for each, "column=value" in the columns' order.
void list_things(const Configuration& configuration, const Resource& resource, const ListWish& wish);
void show_thing(const Configuration& configuration, const Resource& resource, const std::string& key,
                const ListWish& wish);

} // namespace mogiri::daemon
