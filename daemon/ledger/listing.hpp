// What staff and programs look things up by: one SELECT for each kind of thing, and one way to filter,
// search, sort and page them all.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

// The columns of `sql` are the members of the JSON that everybody gets. $1 is the event's number. In the
// lists of columns a '#' stands before a whole number.
struct Resource {
    std::string_view name; // the verbs "<name>.list" and "<name>.look"
    std::string_view key;  // the column that names one of them
    std::string_view sql;
    std::string_view more = {};    // further columns of one that is shown, of `row`
    std::string_view filters = {}; // columns that may be asked for by their value
    std::string_view sorts =
        {}; // columns without nulls that they may be sorted by; the first one is the default's
    std::string_view searched = {};
    std::string_view time = {}; // the column that since and until are about
    bool newest_first = true;   // without a `sort`
};

std::span<const Resource> resources();
// Null when there is none of that name.
const Resource* find_resource(std::string_view name);

// "limit", "out_of_range": what is wrong with what was asked.
class ListingFault : public std::runtime_error {
  public:
    ListingFault(std::string field, const std::string& code)
        : std::runtime_error(code), field_(std::move(field)) {}
    const std::string& field() const { return field_; }

  private:
    std::string field_;
};

// limit (1 to 200), count ("true": how many there are on all pages), after (a page's "next"), sort (a column,
// "-" before it: downwards), q, since, until, and the resource's filters.
using Wishes = std::vector<std::pair<std::string, std::string>>;

// {"items":[…],"next"?,"count"?}. Throws ListingFault.
std::string list(Database& database, const Resource& resource, std::uint32_t event, const Wishes& wishes);
// Nothing when there is none.
std::optional<std::string> show(Database& database, const Resource& resource, std::uint32_t event,
                                std::string_view key);

} // namespace mogiri::daemon
