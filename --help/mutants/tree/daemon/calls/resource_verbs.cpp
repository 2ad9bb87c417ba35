// Listing and showing, for whatever the table of resources has.
#include "resource_verbs.hpp"

#include "../ledger/listing.hpp"
#include "ask.hpp"

namespace mogiri::daemon {

namespace {

const Resource& resource_of(const Call& call) {
    const Resource* resource = find_resource(std::string_view(call.verb).substr(0, call.verb.find('.')));
    if (!resource)
        throw std::invalid_argument("the verb names no resource");
    return *resource;
}

} // namespace

CallResult list_resource(CallTools& tools, const Call& call, const json_t* arguments) {
    Wishes wishes;
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(Ask(tools, arguments).query()), name, value) {
        wishes.emplace_back(name, text_of(value));
    }
    try {
        return {200, list(tools.database, resource_of(call), call.event, wishes)};
    } catch (const ListingFault& fault) {
        return invalid(fault.field(), fault.what());
    }
}

CallResult show_resource(CallTools& tools, const Call& call, const json_t* arguments) {
    const Resource& resource = resource_of(call);
    const Ask ask(tools, arguments);
    return as_shown(
        tools, call, resource.name,
        ask.path(std::string(resource.key.substr(resource.key.starts_with('#') ? 1 : 0)).c_str()));
}

CallResult as_shown(CallTools& tools, const Call& call, std::string_view resource, std::string_view key,
                    int status) {
    auto shown = show(tools.database, *find_resource(resource), call.event, key);
    return shown ? CallResult{status, *std::move(shown)} : refusal(404, "not_found");
}

} // namespace mogiri::daemon
