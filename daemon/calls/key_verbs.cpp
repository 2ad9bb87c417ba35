// Programs' keys as admins make, rename and revoke them.
#include "key_verbs.hpp"

#include "../people/accounts.hpp"
#include "../people/sessions.hpp"
#include "ask.hpp"
#include "resource_verbs.hpp"

namespace mogiri::daemon {

CallResult create_key(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    NewKey key{ask.text("name", 100),
               ask.choice("role", {"scanner", "supervisor", "staff", "admin"}),
               ask.texts("scopes"),
               {},
               {}};
    if (const auto event = ask.maybe_number("event", 1, 16'777'215))
        key.event = static_cast<std::uint32_t>(*event);
    if (const auto days = ask.maybe_number("days", 1, 3650))
        key.days = static_cast<int>(*days);
    if (auto fault = ask.fault())
        return *std::move(fault);
    if (key.event && tools.database.query("SELECT FROM event WHERE number = $1", {*key.event}).empty())
        return invalid("event", "not_in_list");
    try {
        const std::int64_t number = Accounts(tools.database).add_key(key, ask.new_secret());
        return as_shown(tools, call, "key", std::to_string(number), 201);
    } catch (const AccountFault& fault) {
        return invalid(fault.field(), fault.what());
    }
}

CallResult change_key(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string name = ask.text("name", 100);
    if (auto fault = ask.fault())
        return *std::move(fault);
    Accounts accounts(tools.database);
    const auto version = accounts.lock_key(ask.path_number("key"));
    if (!version)
        return refusal(404, "not_found");
    if (auto unseen = ask.unless_seen(*version))
        return *std::move(unseen);
    try {
        accounts.rename_key(ask.path_number("key"), name);
        return as_shown(tools, call, "key", ask.path("key"));
    } catch (const AccountFault& fault) {
        return invalid(fault.field(), fault.what());
    }
}

CallResult revoke_key(CallTools& tools, const Call& call, const json_t* arguments) {
    const Ask ask(tools, arguments);
    const auto hash = Accounts(tools.database).revoke_key(std::to_string(ask.path_number("key")));
    if (!hash)
        return refusal(404, "not_found");
    Sessions(tools.redis).take_back(*hash);
    return as_shown(tools, call, "key", ask.path("key"));
}

} // namespace mogiri::daemon
