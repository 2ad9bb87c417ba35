// mogirid: carries applications from Redis into the ledger, keeps the door's cache, renders and mails
// tickets.
#include <cstdio>
#include <thread>

#include <master_keys.hpp>

#include "arguments.hpp"
#include "back_off.hpp"
#include "cache/keeper.hpp"
#include "cache/publisher.hpp"
#include "configuration.hpp"
#include "journal.hpp"
#include "ledger/schema.hpp"
#include "road/road.hpp"
#include "scans/scan_drain.hpp"
#include "service.hpp"
#include "worker.hpp"

namespace mogiri::daemon {

namespace {

// Waits for PostgreSQL. Returns false when a signal came first.
bool prepare_ledger(const Configuration& configuration) {
    BackOff back_off;
    while (!end_is_pending()) {
        try {
            Database database(configuration.database, "mogirid start");
            if (const int ran = migrate(database); ran > 0)
                journal::info("the ledger was brought up by " + std::to_string(ran) + " migrations");
            return true;
        } catch (const LostDatabase& lost) {
            journal::warn(std::string("waiting for PostgreSQL: ") + lost.what());
            notify_status("waiting for PostgreSQL");
            back_off.wait({});
        }
    }
    return false;
}

void run(const Configuration& configuration, const MasterKeys& keys) {
    Pulse road, drain, keeper, publisher;
    StatusLine status;
    std::vector<std::jthread> threads;
    const auto start = [&](const char* name, Pulse& pulse, std::function<void(std::stop_token)> life) {
        threads.emplace_back(
            [name, &pulse, life](std::stop_token stop) { live(stop, name, pulse, [&] { life(stop); }); });
    };

    start("keeper", keeper, [&](std::stop_token stop) { Keeper(configuration, keeper, status).keep(stop); });
    start("publisher", publisher,
          [&](std::stop_token stop) { Publisher(configuration).publish_until(stop, publisher); });
    start("road", road,
          [&](std::stop_token stop) { Road(configuration, keys.signing_key(), road).travel(stop); });
    start("scans", drain, [&](std::stop_token stop) { drain_scans(configuration, drain, stop); });

    notify_ready();
    journal::info("mogirid " MOGIRI_VERSION " is ready");
    serve({{"keeper", &keeper}, {"publisher", &publisher}, {"road", &road}, {"scans", &drain}},
          [&] { return status.text(); });
    for (std::jthread& thread : threads)
        thread.request_stop();
}

} // namespace

} // namespace mogiri::daemon

int main(int count, char** values) {
    using namespace mogiri::daemon;

    const auto [exit_status, arguments] = parse_arguments(count, values);
    if (exit_status)
        return *exit_status;
    try {
        const Configuration configuration =
            load_configuration(arguments.configuration, process_environment());
        const mogiri::MasterKeys keys = mogiri::MasterKeys::load(configuration.keys);
        if (arguments.wish == Wish::check) {
            std::printf("%s is good\n", arguments.configuration.c_str());
            return 0;
        }
        journal::set_level(configuration.log_level);
        hold_signals();
        if (prepare_ledger(configuration))
            run(configuration, keys);
        journal::info("ended");
        return 0;
    } catch (const ConfigurationError& error) {
        journal::error(error.what());
        return 3;
    } catch (const std::invalid_argument& error) { // the key file
        journal::error(error.what());
        return 3;
    } catch (const std::exception& error) {
        journal::error(error.what());
        return 1;
    }
}
