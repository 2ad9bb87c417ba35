// `mogirictl user change|invite`: what the API does with them, in its words.
#include "ctl/people/user_command.hpp"

#include <iostream>

#include "ctl/exit_status.hpp"
#include "ctl/publication.hpp"
#include "ledger/event_ledger.hpp"
#include "people/accounts.hpp"
#include "people/sessions.hpp"

namespace mogiri::daemon {

namespace {

Account locked(Accounts& accounts, const std::string& name) {
    const auto found = accounts.find_login(name);
    if (!found)
        throw CommandFailure(ExitStatus::wrong,
                             "there is no user \"" + name + "\"; mogirictl user list names them");
    return *accounts.find(found->number, true);
}

std::vector<Grant> grants_of(Database& database, const std::vector<std::string>& roles) {
    std::vector<Grant> grants;
    for (const std::string& role : roles) {
        const std::size_t at = role.find('@');
        grants.push_back({role.substr(0, at)});
        if (at != role.npos)
            grants.back().event = EventLedger(database).number_of(role.substr(at + 1));
    }
    return grants;
}

} // namespace

void change_user(const Configuration& configuration, const UserWish& wish) {
    Database database = open_ledger(configuration);
    Accounts accounts(database);
    Transaction transaction(database);
    const Account account = locked(accounts, wish.name);
    try {
        accounts.change(account, std::nullopt, wish.email, wish.language,
                        wish.disable || wish.enable ? std::optional(wish.disable) : std::nullopt);
        if (!wish.roles.empty())
            accounts.set_grants(account.number, grants_of(database, wish.roles));
    } catch (const AccountFault& fault) {
        throw CommandFailure(ExitStatus::input, fault.field() + ": " + fault.what());
    }
    if (wish.disable || !wish.roles.empty()) {
        Redis redis(configuration.redis);
        Sessions(redis).end_all(account.number);
    }
    transaction.commit();
    std::cout << "user " << account.name << " is changed\n";
}

void invite_user(const Configuration& configuration, const UserWish& wish) {
    Database database = open_ledger(configuration);
    Accounts accounts(database);
    const std::uint32_t event = EventLedger(database).number_of(wish.event);
    Transaction transaction(database);
    const Account account = locked(accounts, wish.name);
    if (account.disabled)
        throw CommandFailure(ExitStatus::wrong,
                             "user " + account.name + " is disabled; mogirictl user change --enable");
    if (!accounts.owe_link(account, account.password_hash ? "reset" : "invitation", event))
        throw CommandFailure(ExitStatus::wrong, "there were three such mails within the hour");
    transaction.commit(); // the sweep puts the mail on its way
    std::cout << "a mail to user " << account.name << " is owed\n";
}

} // namespace mogiri::daemon
