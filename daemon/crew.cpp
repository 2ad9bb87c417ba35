// The daemon's threads and the configuration that they work by, from their first day to the last mail in
// hand.
#include "crew.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "cache/publisher.hpp"
#include "calls/call_desk.hpp"
#include "erasure/eraser.hpp"
#include "journal.hpp"
#include "mail/mail_sweep.hpp"
#include "mail/mail_worker.hpp"
#include "mail/mailings.hpp"
#include "road/road.hpp"
#include "road/usher.hpp"
#include "scans/scan_drain.hpp"
#include "worker.hpp"

namespace mogiri::daemon {

namespace {

// One draws a ticket's picture while the other answers what takes no time.
constexpr int call_desks = 2;
// Each streams one answer at a time, for as long as its reader takes.
constexpr int export_desks = 2;

MasterKeys load_keys(const Configuration& configuration) {
    return checked(configuration, "keys.file", configuration.keys.string(),
                   [&] { return MasterKeys::load(configuration.keys); });
}

} // namespace

Crew::Crew(const std::filesystem::path& file, const Crew* before)
    : configuration_(load_configuration(file, process_environment())),
      office_(configuration_, load_keys(configuration_),
              before ? before->office_.lease_name().next(configuration_.road.consumer)
                     : LeaseName(configuration_.road.consumer)) {}

Crew::~Crew() {
    ask_to_end();
}

void Crew::begin() {
    journal::set_level(configuration_.log_level);
    start(Keeper::name, Post::road,
          [this](const auto& stop, Pulse& pulse) { Keeper(configuration_, pulse, status_).keep(stop); });
    start("publisher", Post::road,
          [this](const auto& stop, Pulse& pulse) { Publisher(configuration_).publish_until(stop, pulse); });
    start("road", Post::road, [this](const auto& stop, Pulse& pulse) {
        Road(configuration_, office_.keys().signing_key(), pulse, office_.rush()).travel(stop);
    });
    for (int number = 1; number <= call_desks; ++number)
        start("calls " + std::to_string(number), Post::road, [this, number](const auto& stop, Pulse& pulse) {
            CallDesk(office_, calls, number, pulse).serve(stop);
        });
    start("usher", Post::road, [this](const auto& stop, Pulse& pulse) {
        Usher(configuration_.database, office_.keys().signing_key()).attend_until(stop, pulse);
    });
    // One of them: 64 MiB and one processor at most, and of that a third of what others get; with less
    // nobody could log in where the processors are busy for minutes.
    start("logins", Post::road, [this](const auto& stop, Pulse& pulse) {
        setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5);
        CallDesk(office_, logins, 1, pulse).serve(stop);
    });
    for (int number = 1; number <= export_desks; ++number)
        start("exports " + std::to_string(number), Post::road,
              [this, number](const auto& stop, Pulse& pulse) {
                  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10);
                  CallDesk(office_, exports, number, pulse).serve(stop);
              });
    start("scans", Post::road,
          [this](const auto& stop, Pulse& pulse) { drain_scans(configuration_, pulse, stop); });
    start("sweep", Post::road,
          [this](const auto& stop, Pulse& pulse) { MailSweep(office_, pulse).sweep_until(stop); });
    start("mailings", Post::road,
          [this](const auto& stop, Pulse& pulse) { Mailings(office_, pulse).carry_out_until(stop); });
    start("eraser", Post::road,
          [this](const auto& stop, Pulse& pulse) { Eraser(office_, pulse).erase_until(stop); });
    for (int number = 1; number <= configuration_.mail.workers; ++number)
        start("mail " + std::to_string(number), Post::mail, [this, number](const auto& stop, Pulse& pulse) {
            MailWorker(office_, number, pulse).work(stop);
        });
}

void Crew::start(std::string name, Post post, Life life) {
    Member& member = members_.emplace_back(std::move(name), post);
    member.thread = std::jthread([this, &member, life = std::move(life)](const std::stop_token& stop) {
        pthread_setname_np(pthread_self(), member.name.c_str()); // for top -H
        live(stop, member.name, member.pulse, [&] {
            try {
                life(stop, member.pulse);
            } catch (const std::exception& trouble) {
                status_.trouble(member.name, trouble.what());
                throw;
            }
        });
        member.ended = true;
    });
}

void Crew::ask_to_end() {
    for (Member& member : members_)
        member.thread.request_stop();
}

bool Crew::handed_over() const {
    return std::all_of(members_.begin(), members_.end(), [](const Member& member) {
        return member.ended || (member.post == Post::mail && member.pulse.in_long_work());
    });
}

bool Crew::ended() const {
    return std::all_of(members_.begin(), members_.end(),
                       [](const Member& member) { return member.ended.load(); });
}

std::vector<WatchedPulse> Crew::pulses() const {
    std::vector<WatchedPulse> watched;
    for (const Member& member : members_)
        if (member.post != Post::mail)
            watched.push_back({member.name.c_str(), &member.pulse});
    return watched;
}

} // namespace mogiri::daemon
