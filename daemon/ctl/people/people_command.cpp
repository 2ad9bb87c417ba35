// `mogirictl user add`: who may log in.
#include "ctl/people/people_command.hpp"

#include <iostream>

#include "ctl/people/password.hpp"
#include "ctl/publication.hpp"
#include "ledger/event_ledger.hpp"

namespace mogiri::daemon {

void add_user(const Configuration& configuration, const NewUser& user) {
    Database database = open_ledger(configuration);
    const std::string password =
        user.password_file.empty() ? ask_for_password(user.name) : read_password(user.password_file);
    EventLedger(database).add_account(user.name, user.email, user.role, hash_new_password(password));
    std::cout << "user " << user.name << " added as " << user.role << '\n';
}

} // namespace mogiri::daemon
