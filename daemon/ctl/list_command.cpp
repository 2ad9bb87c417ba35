// `mogirictl <thing> list` and `… show`: what the API lists and shows, in its words.
#include "ctl/list_command.hpp"

#include <iostream>

#include <json_owner.hpp>

#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/tickets/named_tickets.hpp"

namespace mogiri::daemon {

namespace {

void print_line(json_t* one) {
    const char* name = nullptr;
    json_t* value = nullptr;
    const char* gap = "";
    json_object_foreach(one, name, value) {
        if (json_is_null(value))
            continue;
        std::cout << gap << name << '='
                  << (json_is_string(value) ? std::string(text_of(value)) : json_text(value));
        gap = "  ";
    }
    std::cout << '\n';
}

} // namespace

void list_things(const Configuration& configuration, const Resource& resource, const ListWish& wish) {
    Database database = open_ledger(configuration);
    Wishes wishes{{"limit", std::to_string(wish.limit)}};
    for (const auto& [name, value] :
         {std::pair("q", wish.search), std::pair("sort", wish.sort), std::pair("since", wish.since),
          std::pair("until", wish.until), std::pair("after", wish.after)})
        if (!value.empty())
            wishes.emplace_back(name, value);
    if (wish.count)
        wishes.emplace_back("count", "true");
    for (const std::string& filter : wish.where) {
        const std::size_t equals = filter.find('=');
        if (equals == filter.npos)
            throw CommandFailure(ExitStatus::usage, "--where \"" + filter + "\": must be COLUMN=VALUE");
        wishes.emplace_back(filter.substr(0, equals), filter.substr(equals + 1));
    }
    std::string told;
    try {
        told = list(database, resource, event_of(database, wish.event), wishes);
    } catch (const ListingFault& fault) {
        throw CommandFailure(ExitStatus::usage,
                             fault.field() + ": " + fault.what() +
                                 "; columns to filter by: " + std::string(resource.filters) +
                                 "; to sort by: " + std::string(resource.sorts));
    }
    const Json page = parse_json(told);
    if (wish.json)
        return print(page);
    std::size_t index = 0;
    json_t* one = nullptr;
    json_array_foreach(json_object_get(page.get(), "items"), index, one) {
        print_line(one);
    }
    if (const json_t* count = json_object_get(page.get(), "count"))
        std::cout << json_integer_value(count) << " in all\n";
    if (const json_t* next = json_object_get(page.get(), "next"))
        std::cout << "there are more: --after " << text_of(next) << '\n';
}

void show_thing(const Configuration& configuration, const Resource& resource, const std::string& key,
                const ListWish& wish) {
    Database database = open_ledger(configuration);
    const auto shown = show(database, resource, event_of(database, wish.event), key);
    if (!shown)
        throw CommandFailure(ExitStatus::wrong,
                             "there is no " + std::string(resource.name) + " \"" + key + "\"");
    const Json one = parse_json(*shown);
    wish.json ? print(one) : print_line(one.get());
}

} // namespace mogiri::daemon
