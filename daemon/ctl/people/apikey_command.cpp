// `mogirictl apikey …`: keys with which programs ask the API.
#include "ctl/people/apikey_command.hpp"

#include <iostream>

#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/tickets/named_tickets.hpp"
#include "people/accounts.hpp"
#include "people/sessions.hpp"

namespace mogiri::daemon {

void add_api_key(const Configuration& configuration, const KeyWish& wish) {
    Database database = open_ledger(configuration);
    NewKey fresh{wish.name, wish.role, wish.scopes, event_named(database, wish.event), {}};
    if (wish.days > 0)
        fresh.days = wish.days;
    const std::string key = std::string(api_key_prefix) + new_token();
    std::int64_t number = 0;
    try {
        number = Accounts(database).add_key(fresh, token_hash(key));
    } catch (const AccountFault& fault) {
        throw CommandFailure(ExitStatus::input,
                             fault.field() + ": " + fault.what() +
                                 (fault.field() == "scopes"
                                      ? "; a scope is THING:read or THING:write, and THING one of "
                                        "application, ticket, user, event, form, device, mail, scan, "
                                        "audit, analytics"
                                      : ""));
    }
    if (wish.json)
        print(Json(json_pack("{s:I, s:s, s:s}", "key", static_cast<json_int_t>(number), "name",
                             wish.name.c_str(), "secret", key.c_str())));
    else
        std::cout << "key " << number << " (" << wish.name << ") added; it is shown only this once:\n"
                  << key << '\n';
}

void rename_api_key(const Configuration& configuration, const std::string& key, const std::string& name) {
    Database database = open_ledger(configuration);
    Accounts accounts(database);
    Transaction transaction(database);
    const Result found =
        database.query("SELECT number FROM api_key WHERE revoked_at IS NULL AND (name = $1 OR number::text = "
                       "$1)",
                       {key});
    if (found.empty())
        throw CommandFailure(ExitStatus::wrong, "there is no key \"" + key +
                                                    "\" that may be used; mogirictl apikey list names them");
    try {
        accounts.rename_key(found[0].number(0), name);
    } catch (const AccountFault& fault) {
        throw CommandFailure(ExitStatus::input, fault.field() + ": " + fault.what());
    }
    transaction.commit();
    std::cout << "key " << key << " is named " << name << '\n';
}

void revoke_api_key(const Configuration& configuration, const std::string& name) {
    Database database = open_ledger(configuration);
    Transaction transaction(database);
    const auto hash = Accounts(database).revoke_key(name);
    if (!hash)
        throw CommandFailure(ExitStatus::wrong, "there is no key \"" + name +
                                                    "\" that may be used; mogirictl apikey list names them");
    Redis redis(configuration.redis);
    Sessions(redis).take_back(*hash);
    transaction.commit();
    std::cout << "key " << name << " is revoked\n";
}

} // namespace mogiri::daemon
