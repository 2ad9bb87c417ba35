// `mogirictl jobs list`: what is on its way, what waits, and what was given up, by ids alone.
#include "ctl/jobs/job_list.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>

#include "ctl/jobs/job_id.hpp"
#include "ctl/jobs/job_json.hpp"
#include "ctl/jobs/road_jobs.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/event_ledger.hpp"
#include "ledger/job_ledger.hpp"

namespace mogiri::daemon {

namespace {

using FaultsOfJobs = std::map<std::pair<std::uint32_t, std::string>, JobFault>;

const std::vector<std::string> mail_states{"pending", "sending", "retry", "unknown", "failed", "suppressed"};
const std::vector<std::string> at_their_end{"resolved", "failed", "suppressed"};

bool has(const std::vector<std::string>& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

Json job_json(const std::string& id, std::string_view kind, std::uint32_t event, std::string_view application,
              std::string_view state, std::int64_t age_ms) {
    Json job(json_object());
    set(job, "id", id);
    set(job, "kind", kind);
    set(job, "event", std::int64_t{event});
    set(job, "application", application);
    set(job, "state", state);
    set(job, "age_ms", age_ms);
    return job;
}

void list_road(Redis& redis, const std::vector<std::uint32_t>& events, const FaultsOfJobs& faults,
               const JobFilter& filter, json_t* list) {
    for (std::uint32_t event : events)
        for (const RoadJobSeen& seen : see_road_jobs(redis, event, filter.limit)) {
            const auto fault = faults.find({event, seen.stream_id});
            const char* state = fault != faults.end()   ? "faulty"
                                : seen.consumer.empty() ? "waiting"
                                                        : "taken";
            if (!has(filter.states, state))
                continue;
            Json job = job_json(road_job_id(event, seen.stream_id), "application", event,
                                seen.job ? seen.job->id : "", state, seen.age_ms);
            if (!seen.consumer.empty()) {
                set(job, "consumer", seen.consumer);
                set(job, "idle_ms", seen.idle_ms);
                set(job, "deliveries", seen.deliveries);
            }
            if (fault != faults.end())
                set_fault(job, fault->second.faults, fault->second.sqlstate, fault->second.reason);
            json_array_append_new(list, job.release());
        }
}

void list_letters(JobLedger& ledger, std::optional<std::uint32_t> event, const JobFilter& filter,
                  json_t* list) {
    for (const bool resolved : {false, true}) {
        const char* state = resolved ? "resolved" : "dead";
        if (!has(filter.states, state))
            continue;
        for (const DeadLetter& letter : ledger.letters(event, resolved, filter.limit)) {
            Json job = job_json("d" + std::to_string(letter.id), "dead letter", letter.event,
                                letter.application, state, letter.age_ms);
            set_fault(job, letter.faults, letter.sqlstate, letter.reason);
            json_array_append_new(list, job.release());
        }
    }
}

void list_mails(JobLedger& ledger, std::optional<std::uint32_t> event, const JobFilter& filter,
                json_t* list) {
    for (const MailRow& mail : ledger.mails(event, filter.states, filter.limit)) {
        Json job = job_json("m" + std::to_string(mail.id), "mail", mail.event, mail.application, mail.state,
                            mail.age_ms);
        set(job, "mail", mail.kind);
        set(job, "generation", mail.generation);
        set(job, "attempts", mail.attempts);
        set(job, "last_code", mail.last_code);
        if (!mail.next_at.empty())
            set(job, "next_at", mail.next_at);
        if (!mail.lease_by.empty())
            set(job, "consumer", mail.lease_by);
        json_array_append_new(list, job.release());
    }
}

std::string detail(const json_t* job) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    const auto string = [&](const char* name) { return std::string(text_of(json_object_get(job, name))); };
    const auto number = [&](const char* name) { return json_integer_value(json_object_get(job, name)); };
    if (const std::string consumer = string("consumer"); !consumer.empty())
        add("held by " + consumer);
    if (number("deliveries") > 0)
        add("idle " + std::to_string(number("idle_ms") / 1000) + " s, delivery " +
            std::to_string(number("deliveries")));
    if (number("faults") > 0)
        add("fault " + std::to_string(number("faults")) + ": " + string("sqlstate") + " " + string("reason"));
    if (number("attempts") > 0)
        add("attempt " + std::to_string(number("attempts")) + ", code " +
            std::to_string(number("last_code")));
    if (const std::string next = string("next_at"); !next.empty())
        add("next " + next);
    return text;
}

void print_table(const Json& list) {
    if (json_array_size(list.get()) == 0)
        std::cout << "no job waits\n";
    std::size_t index;
    const json_t* job;
    json_array_foreach(list.get(), index, job)
        std::printf("%-22s %-9s %8.1f s  %-26s  %s\n", json_string_value(json_object_get(job, "id")),
                    json_string_value(json_object_get(job, "state")),
                    static_cast<double>(json_integer_value(json_object_get(job, "age_ms"))) / 1000,
                    json_string_value(json_object_get(job, "application")), detail(job).c_str());
}

} // namespace

const std::vector<std::string>& job_states() {
    static const std::vector<std::string> states = [] {
        std::vector<std::string> all{"waiting", "taken", "faulty", "dead", "resolved"};
        all.insert(all.end(), mail_states.begin(), mail_states.end());
        return all;
    }();
    return states;
}

ExitStatus list_jobs(const Configuration& configuration, const JobFilter& wish) {
    JobFilter filter = wish;
    if (filter.states.empty())
        std::ranges::copy_if(job_states(), std::back_inserter(filter.states),
                             [](const std::string& state) { return !has(at_their_end, state); });
    Database database = open_ledger(configuration);
    EventLedger events(database);
    JobLedger ledger(database);
    std::optional<std::uint32_t> event;
    std::vector<std::uint32_t> numbers;
    if (!filter.event.empty())
        numbers.push_back(*(event = events.number_of(filter.event)));
    else
        for (const EventRow& row : events.events())
            numbers.push_back(row.number);
    FaultsOfJobs faults;
    for (JobFault& fault : ledger.faults())
        faults.emplace(std::pair(fault.event, fault.stream_id), std::move(fault));

    Json list(json_array());
    std::string lost;
    try {
        Redis redis(configuration.redis);
        list_road(redis, numbers, faults, filter, list.get());
    } catch (const LostRedis& failure) {
        lost = failure.what();
    }
    list_letters(ledger, event, filter, list.get());
    list_mails(ledger, event, filter, list.get());
    if (filter.json) {
        Json document(json_object());
        if (!lost.empty())
            set(document, "error", lost);
        json_object_set_new(document.get(), "jobs", list.release());
        print(document);
    } else {
        print_table(list);
    }
    if (lost.empty())
        return ExitStatus::done;
    std::cout.flush();
    std::cerr << "mogirictl: Redis is out of reach, the applications on their way are missing here: " << lost
              << '\n';
    return ExitStatus::unreachable;
}

} // namespace mogiri::daemon
