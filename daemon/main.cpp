// mogirid: carries applications from Redis into the ledger, keeps the door's cache, renders and mails
// tickets.
#include <cstdio>
#include <deque>
#include <thread>

#include <master_keys.hpp>

#include "arguments.hpp"
#include "back_off.hpp"
#include "cache/keeper.hpp"
#include "cache/publisher.hpp"
#include "configuration.hpp"
#include "journal.hpp"
#include "ledger/schema.hpp"
#include "mail/mail_sweep.hpp"
#include "mail/mail_worker.hpp"
#include "mail/post_office.hpp"
#include "road/road.hpp"
#include "scans/scan_drain.hpp"
#include "service.hpp"
#include "worker.hpp"

namespace mogiri::daemon {

namespace {

// Exit statuses; mogirid(8) tells them. 2 is a wrong command line.
constexpr int done = 0, broken_ledger = 1, bad_configuration = 3;

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

void run(const Configuration& configuration, PostOffice& office) {
    Pulse keeper, publisher, road, scans, sweep;
    std::deque<Pulse> mail(static_cast<std::size_t>(configuration.mail.workers));
    StatusLine status;
    std::vector<std::jthread> threads;
    const auto start = [&](const std::string& name, Pulse& pulse,
                           std::function<void(const std::stop_token&)> life) {
        threads.emplace_back([name, &pulse, life](const std::stop_token& stop) {
            live(stop, name, pulse, [&] { life(stop); });
        });
    };

    start("keeper", keeper, [&](const auto& stop) { Keeper(configuration, keeper, status).keep(stop); });
    start("publisher", publisher,
          [&](const auto& stop) { Publisher(configuration).publish_until(stop, publisher); });
    start("road", road,
          [&](const auto& stop) { Road(configuration, office.keys().signing_key(), road).travel(stop); });
    start("scans", scans, [&](const auto& stop) { drain_scans(configuration, scans, stop); });
    for (std::size_t i = 0; i < mail.size(); ++i)
        start("mail " + std::to_string(i + 1), mail[i],
              [&, i](const auto& stop) { MailWorker(office, static_cast<int>(i + 1), mail[i]).work(stop); });
    start("sweep", sweep, [&](const auto& stop) { MailSweep(office, sweep).sweep_until(stop); });

    notify_ready();
    journal::info("mogirid " MOGIRI_VERSION " is ready");
    // A mail worker may rightly wait for a mail server longer than the watchdog would.
    serve(
        {{"keeper", &keeper},
         {"publisher", &publisher},
         {"road", &road},
         {"scans", &scans},
         {"sweep", &sweep}},
        [&] { return status.text(); }, configuration.status_file);
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
        journal::set_level(configuration.log_level);
        PostOffice office(configuration, mogiri::MasterKeys::load(configuration.keys));
        if (arguments.wish == Wish::check) {
            std::printf("%s is good\n", arguments.configuration.c_str());
            return done;
        }
        hold_signals();
        if (prepare_ledger(configuration))
            run(configuration, office);
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
