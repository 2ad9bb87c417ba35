// `mogirictl ledger migrate`: the ledger's tables by their owner, and what other roles may do with them.
#include "ctl/system/ledger_command.hpp"

#include <iostream>
#include <optional>

#include "ctl/exit_status.hpp"
#include "ledger/schema.hpp"

namespace mogiri::daemon {

namespace {

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

} // namespace

void migrate_ledger(const Configuration& configuration, const Migrate& wish) {
    Database database(wish.database.empty() ? configuration.database : wish.database, "mogirictl");
    const int ran = migrate(database);
    std::cout << "migrations that ran: " << ran << '\n';
    if (wish.daemon.empty() && wish.reader.empty())
        return;
    try {
        database.query("SELECT share_ledger($1, $2)", {unless_empty(wish.daemon), unless_empty(wish.reader)});
    } catch (const RefusedStatement& refused) {
        throw CommandFailure(ExitStatus::wrong, std::string(refused.what()) +
                                                    "; run it as the ledger's owner, with roles that exist");
    }
    if (!wish.daemon.empty())
        std::cout << wish.daemon << " may do mogirid's work\n";
    if (!wish.reader.empty())
        std::cout << wish.reader << " may read, but no password's or key's hash\n";
}

} // namespace mogiri::daemon
