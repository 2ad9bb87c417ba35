// mogirid: carries applications from Redis into the ledger, keeps the door's cache, renders and mails
// tickets.
#include <cstdio>
#include <list>
#include <utility>

#include "arguments.hpp"
#include "back_off.hpp"
#include "crew.hpp"
#include "journal.hpp"
#include "ledger/schema.hpp"
#include "service.hpp"

namespace mogiri::daemon {

namespace {

// Exit statuses; mogirid(8) tells them. 2 is a wrong command line.
constexpr int done = 0, broken_ledger = 1, bad_configuration = 3;

using CrewPtr = std::unique_ptr<Crew>;

void prepare_ledger(const std::string& conninfo) {
    Database database(conninfo, "mogirid start");
    if (const int ran = migrate(database); ran > 0)
        journal::info("the ledger was brought up by " + std::to_string(ran) + " migrations");
}

// Returns false when a signal came first; take_signal() tells which.
bool await_ledger(const std::string& conninfo) {
    BackOff back_off;
    while (!signal_is_pending()) {
        try {
            prepare_ledger(conninfo);
            return true;
        } catch (const LostDatabase& lost) {
            journal::warn(std::string("waiting for PostgreSQL: ") + lost.what());
            notify_status("waiting for PostgreSQL");
            back_off.wait({});
        }
    }
    return false;
}

// The crew of the file as it is now, or nothing and what is wrong with it. A ledger of another name must
// answer once; that the one in use may be away just now says nothing against the file.
CrewPtr hire(const std::filesystem::path& file, const Crew& before, std::string& refusal) {
    try {
        auto crew = std::make_unique<Crew>(file, &before);
        const Configuration& configuration = crew->configuration();
        if (configuration.database != before.configuration().database)
            try {
                prepare_ledger(configuration.database);
            } catch (const std::exception& failure) {
                throw ConfigurationError(configuration.place("database.url") +
                                         "database.url: " + failure.what());
            }
        refusal.clear();
        return crew;
    } catch (const std::exception& error) {
        refusal = error.what();
        journal::error("SIGHUP: the configuration is refused, the former one rules on: " + refusal);
        return nullptr;
    }
}

// Returns at SIGTERM, when every crew has ended.
void run(CrewPtr crew, const std::filesystem::path& file) {
    std::string refusal;
    while (!await_ledger(crew->configuration().database)) {
        if (take_signal() == Asked::end)
            return;
        if (CrewPtr next = hire(file, *crew, refusal))
            crew = std::move(next);
    }

    std::list<CrewPtr> leaving; // they deliver the mails that they have in hand
    const auto status = [&] {
        leaving.remove_if([](const CrewPtr& one) { return one->ended(); });
        return crew->status() +
               (refusal.empty() ? "" : "; the configuration was refused, the former one rules: " + refusal);
    };

    crew->begin();
    notify_ready();
    journal::info("mogirid " MOGIRI_VERSION " is ready");
    while (serve(crew->pulses(), status, crew->configuration().status_file) == Asked::reload) {
        notify_reloading();
        if (CrewPtr next = hire(file, *crew, refusal)) {
            crew->ask_to_end();
            outlast(crew->pulses(), [&] { return crew->handed_over(); });
            leaving.push_back(std::exchange(crew, std::move(next)));
            crew->begin();
            journal::info("SIGHUP: " + file.string() + " was read again and rules from now on");
        }
        notify_status(status());
        notify_ready();
    }
    notify_stopping();
    journal::info("ending, after the applications in hand");
    crew->ask_to_end();
}

} // namespace

} // namespace mogiri::daemon

int main(int count, char** values) {
    using namespace mogiri::daemon;

    const auto [exit_status, arguments] = parse_arguments(count, values);
    if (exit_status)
        return *exit_status;
    const std::filesystem::path& file = arguments.configuration;
    try {
        auto crew = std::make_unique<Crew>(file);
        if (arguments.wish == Wish::check) {
            std::printf("%s is good\n", file.c_str());
            return done;
        }
        journal::set_level(crew->configuration().log_level);
        hold_signals();
        run(std::move(crew), file);
        journal::info("ended");
        return done;
    } catch (const SchemaError& error) {
        journal::error(error.what());
        return broken_ledger;
    } catch (const std::exception& error) { // the configuration, the keys, a template, the transport
        journal::error(error.what());
        return bad_configuration;
    }
}
