// `mogirictl user add`: who may log in.
#include "ctl/people/people_command.hpp"

#include <iostream>

#include "ctl/exit_status.hpp"
#include "ctl/people/password.hpp"
#include "ctl/publication.hpp"
#include "people/accounts.hpp"

namespace mogiri::daemon {

namespace {

// What the API says by a code.
CommandFailure what_is_wrong(const AccountFault& fault) {
    const std::string code = fault.what();
    if (code == "taken")
        return {ExitStatus::wrong, "an account has that " + fault.field() + " already; choose another"};
    if (fault.field() == "name")
        return {ExitStatus::input,
                "name: 1 to 100 bytes on one line that can be seen, without \"@\" and without blanks "
                "at its ends"};
    return {ExitStatus::input, fault.field() + ": " + code};
}

} // namespace

void add_user(const Configuration& configuration, const NewUser& user) {
    Database database = open_ledger(configuration);
    const std::string password =
        user.password_file.empty() ? ask_for_password(user.name) : read_password(user.password_file);
    Accounts accounts(database);
    Transaction transaction(database);
    try {
        const std::int64_t number = accounts.add(user.name, user.email, "ja");
        accounts.set_grants(number, {{user.role}});
        accounts.set_password(number, hash_new_password(password));
    } catch (const AccountFault& fault) {
        throw what_is_wrong(fault);
    }
    transaction.commit();
    std::cout << "user " << user.name << " added as " << user.role << '\n';
}

} // namespace mogiri::daemon
