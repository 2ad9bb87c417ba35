// The road of an application through the daemon: claimed from Redis, settled in the ledger, published,
// answered, mailed.
#include "road.hpp"

#include <crash_point.hpp>

#include "../back_off.hpp"
#include "../journal.hpp"

namespace mogiri::daemon {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

} // namespace

Road::Road(const Configuration& configuration, std::uint8_t signing_key, Pulse& pulse, Rush& rush)
    : pulse_(pulse), rush_(rush), redis_(configuration.redis), redis_of_parcels_(configuration.redis),
      database_(configuration.database, "mogirid road"),
      stream_(redis_, applications, configuration.road.consumer, configuration.road.batch),
      ledger_(database_, signing_key), cache_(database_), graveyard_(database_),
      orders_(redis_, database_, graveyard_), batch_(static_cast<std::size_t>(configuration.road.batch)) {
    database_.keep_statements();
}

void Road::travel(const std::stop_token& stop) {
    auto next_look = Clock::now();
    while (!stop.stop_requested()) {
        pulse_.beat();
        if (Clock::now() >= next_look) {
            come_home();
            stream_.follow(ledger_.events());
            const auto abandoned = stream_.claim_abandoned();
            if (!abandoned.empty())
                MOGIRI_CRASH_POINT("road.taken_over");
            carry(abandoned);
            orders_.carry_out();
            next_look = Clock::now() + 1s;
        }
        if (const auto own = stream_.claim_own(); !own.empty())
            carry(own);
        else if (stream_.has_events()) {
            const auto fresh = stream_.claim_new(parcel_ ? 0ms : 500ms);
            if (!fresh.empty())
                MOGIRI_CRASH_POINT("road.claimed");
            if (fresh.empty())
                come_home();
            else
                take_on(fresh);
        } else
            pause(stop, 200ms);
    }
    come_home();
}

void Road::carry(const std::vector<ClaimedJob>& claimed) {
    take_on(claimed);
    come_home();
}

void Road::come_home() {
    if (!parcel_ && confirmed_.rows.empty())
        return;
    await_parcel();
    if (!confirmed_.rows.empty())
        cache_.confirm(confirmed_.rows, confirmed_.batches);
    confirmed_ = {};
    MOGIRI_CRASH_POINT("road.confirmed");
}

void Road::take_on(const std::vector<ClaimedJob>& claimed) {
    rush_.took(claimed.size(), batch_);
    const std::vector<RoadJob> readable = read(claimed);
    if (!readable.empty())
        MOGIRI_CRASH_POINT("road.read");
    for (std::size_t from = 0; from < readable.size(); from += batch_) {
        const auto first = readable.begin() + static_cast<std::ptrdiff_t>(from);
        const auto last =
            readable.begin() + static_cast<std::ptrdiff_t>(std::min(from + batch_, readable.size()));
        carry_together({first, last});
    }
}

std::vector<RoadJob> Road::read(const std::vector<ClaimedJob>& claimed) {
    std::vector<RoadJob> jobs;
    for (const ClaimedJob& one : claimed) {
        try {
            ApplyJob application = decode_apply_job(one.payload);
            if (application.event != one.event)
                throw std::invalid_argument("the job is of another event than its stream");
            jobs.push_back({one, std::move(application)});
        } catch (const std::invalid_argument& unreadable) {
            fault(one, std::nullopt, "", unreadable.what());
        }
    }
    return jobs;
}

// A batch is settled in one transaction. When its data is refused, its jobs are settled one by one, so that
// the one at fault stands alone.
void Road::carry_together(const std::vector<RoadJob>& jobs) {
    std::vector<ApplyJob> applications;
    for (const RoadJob& job : jobs)
        applications.push_back(job.application);
    try {
        const std::vector<Settlement> settlements = ledger_.settle(applications, [this] {
            if (!confirmed_.rows.empty())
                cache_.note(confirmed_.rows, confirmed_.batches);
        });
        confirmed_ = {};
        MOGIRI_CRASH_POINT("road.settled");
        hand_over(jobs, settlements);
        return;
    } catch (const FaultyJob& faulty) {
        if (jobs.size() == 1)
            return fault(jobs.front().claimed, jobs.front().application, "", faulty.what());
    } catch (const RefusedStatement& refused) {
        if (jobs.size() == 1 && !refused.blames_data())
            throw;
        if (jobs.size() == 1)
            return fault(jobs.front().claimed, jobs.front().application, refused.sqlstate(), refused.what());
    }
    MOGIRI_CRASH_POINT("road.batch_refused");
    for (const RoadJob& job : jobs)
        carry_together({job});
}

void Road::hand_over(const std::vector<RoadJob>& jobs, const std::vector<Settlement>& settlements) {
    await_parcel(); // of the batch before
    HandOver& parcel = parcel_.emplace(redis_of_parcels_);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const Settlement& settled = settlements[i];
        const ClaimedJob& claimed = jobs[i].claimed;
        parcel.publish(claimed.event, settled.tickets);
        parcel.answer(claimed, settled.answer, settled.body_hash, jobs[i].application.reply);
        if (settled.mail)
            parcel.mail(claimed.event, *settled.mail);
    }
    parcel.start();
}

void Road::await_parcel() {
    if (!parcel_)
        return;
    const Confirmed more = parcel_->finish();
    confirmed_.rows.insert(confirmed_.rows.end(), more.rows.begin(), more.rows.end());
    for (const auto& [event, batch] : more.batches)
        confirmed_.batches[event] = batch;
    parcel_.reset();
    MOGIRI_CRASH_POINT("road.handed_over");
}

void Road::fault(const ClaimedJob& claimed, const std::optional<ApplyJob>& application,
                 const std::string& sqlstate, const std::string& reason) {
    const int faults = graveyard_.count_fault(claimed, application ? application->id : "", sqlstate, reason);
    journal::warn(name_of(claimed) + ": refused " + std::to_string(faults) + " times: " + reason);
    MOGIRI_CRASH_POINT("road.fault_counted");
    if (faults < Graveyard::faults_allowed)
        return stream_.try_again_soon(claimed);
    const Burial burial = graveyard_.bury(claimed, application, sqlstate, reason);
    MOGIRI_CRASH_POINT("road.buried");
    HandOver parcel(redis_);
    parcel.burial(claimed, application, burial);
    parcel.send();
}

} // namespace mogiri::daemon
