// Between mogirictl and the daemon: the ledger that a command opens, and waiting until the door knows what it
// wrote.
#include "ctl/publication.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include <migrations.hpp>

#include "ctl/exit_status.hpp"
#include "ledger/schema.hpp"
#include "people/accounts.hpp"

namespace mogiri::daemon {

Database open_ledger(const Configuration& configuration) {
    Database database(configuration.database, "mogirictl");
    const int found = schema_version(database), newest = migrations().back().number;
    if (found != newest)
        throw CommandFailure(ExitStatus::wrong, "the ledger is at migration " + std::to_string(found) +
                                                    " and this mogirictl wants " + std::to_string(newest) +
                                                    ": start mogirid of the same version, which migrates it");
    const char* sudo = std::getenv("SUDO_USER");
    const passwd* self = getpwuid(geteuid());
    std::array<char, 256> machine{};
    gethostname(machine.data(), machine.size() - 1);
    act_as(database,
           std::string("mogirictl:") + (sudo && *sudo ? sudo
                                        : self        ? self->pw_name
                                                      : "?"),
           machine.data(), "mogirictl", true);
    return database;
}

void name_deed(Database& database, std::string_view verb) {
    database.query("SELECT set_config('mogiri.verb', $1, false)", {verb});
}

void note_deed(Database& database, std::uint32_t event, std::string_view subject, const Json& amounts) {
    database.query("INSERT INTO audit (actor, origin, verb, event, subject, after) VALUES "
                   "(current_setting('mogiri.actor'), "
                   "current_setting('mogiri.origin'), current_setting('mogiri.verb'), $1, $2, $3::jsonb)",
                   {event, subject, json_text(amounts.get())});
}

MasterKeys master_keys(const Configuration& configuration) {
    try {
        return MasterKeys::load(configuration.keys);
    } catch (const std::invalid_argument& error) {
        throw CommandFailure(ExitStatus::input, error.what());
    }
}

std::uint8_t signing_key(const Configuration& configuration) {
    return master_keys(configuration).signing_key();
}

bool await(const std::function<bool()>& done) {
    using namespace std::chrono_literals;
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

void require_published(bool known) {
    if (!known)
        throw CommandFailure(
            ExitStatus::unpublished,
            "stored, but the door does not know it yet: mogirid will publish it as soon as it and "
            "Redis run (mogirictl doctor)");
}

void await_publication(EventLedger& ledger, std::uint32_t event) {
    require_published(await([&] { return ledger.unpublished(event) == 0; }));
}

} // namespace mogiri::daemon
