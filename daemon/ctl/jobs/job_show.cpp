// `mogirictl jobs show`: everything about one job, whose it is only when asked for.
#include "ctl/jobs/job_show.hpp"

#include <iostream>

#include "ctl/exit_status.hpp"
#include "ctl/jobs/job_id.hpp"
#include "ctl/jobs/job_json.hpp"
#include "ctl/jobs/road_jobs.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/job_ledger.hpp"

namespace mogiri::daemon {

namespace {

// What applies to whom stands in the ledger's log by id; who that is only here.
void set_application(const Json& about, const ApplyJob& job, bool personal) {
    set(about, "application", job.id);
    set(about, "form", job.form);
    set(about, "language", language_tag(job.language));
    set(about, "tickets", static_cast<std::int64_t>(job.guests.size()));
    if (personal)
        json_object_set_new(about.get(), "payload", parse_json(encode(job)).release());
}

Json road_json(const Configuration& configuration, JobLedger& ledger, const JobId& id, bool personal) {
    Redis redis(configuration.redis);
    const auto seen = see_road_job(redis, id.event, id.stream_id);
    if (!seen) {
        if (const auto letter = ledger.letter_of(id.event, id.stream_id))
            throw CommandFailure(ExitStatus::wrong,
                                 "this job was given up: mogirictl jobs show d" + std::to_string(letter->id));
        throw CommandFailure(ExitStatus::wrong,
                             "no such job is on its way; once decided, a job is no longer there");
    }
    Json about(json_object());
    set(about, "id", road_job_id(id.event, id.stream_id));
    set(about, "event", std::int64_t{id.event});
    if (seen->job)
        set_application(about, *seen->job, personal);
    else
        set(about, "unreadable", "its payload is none that this version can read");
    set(about, "age_ms", seen->age_ms);
    set(about, "state", seen->consumer.empty() ? "waiting" : "taken");
    if (!seen->consumer.empty()) {
        set(about, "consumer", seen->consumer);
        set(about, "idle_ms", seen->idle_ms);
        set(about, "deliveries", seen->deliveries);
    }
    for (const JobFault& fault : ledger.faults())
        if (fault.event == id.event && fault.stream_id == id.stream_id) {
            set(about, "state", "faulty");
            set_fault(about, fault.faults, fault.sqlstate, fault.reason);
        }
    return about;
}

Json letter_json(const DeadLetter& letter, bool personal) {
    Json about(json_object());
    set(about, "id", "d" + std::to_string(letter.id));
    set(about, "event", std::int64_t{letter.event});
    set(about, "state", letter.resolved_at.empty() ? "dead" : "resolved");
    set(about, "stream_id", letter.stream_id);
    set_fault(about, letter.faults, letter.sqlstate, letter.reason);
    set(about, "buried_at", letter.buried_at);
    if (!letter.resolved_at.empty())
        set(about, "resolved_at", letter.resolved_at);
    try {
        set_application(about, decode_apply_job(letter.payload), personal);
    } catch (const std::invalid_argument& unreadable) {
        set(about, "unreadable", unreadable.what());
        if (personal)
            set(about, "payload", letter.payload);
    }
    return about;
}

Json mail_json(const MailRow& mail, bool personal) {
    Json about(json_object());
    set(about, "id", "m" + std::to_string(mail.id));
    set(about, "event", std::int64_t{mail.event});
    set(about, "application", mail.application);
    set(about, "state", mail.state);
    set(about, "mail", mail.kind);
    set(about, "generation", mail.generation);
    set(about, "attempts", mail.attempts);
    set(about, "unknowns", mail.unknowns);
    set(about, "last_code", mail.last_code);
    if (!mail.next_at.empty())
        set(about, "next_at", mail.next_at);
    if (!mail.lease_by.empty())
        set(about, "consumer", mail.lease_by);
    if (personal) { // a server's answer may name its recipient
        set(about, "recipient", mail.recipient);
        set(about, "last_text", mail.last_text);
    }
    return about;
}

Json gather(const Configuration& configuration, JobLedger& ledger, const JobId& id, bool personal) {
    switch (id.kind) {
    case JobId::Kind::road:
        return road_json(configuration, ledger, id, personal);
    case JobId::Kind::letter:
        if (const auto letter = ledger.letter(id.number))
            return letter_json(*letter, personal);
        throw CommandFailure(ExitStatus::wrong, "there is no dead letter d" + std::to_string(id.number));
    case JobId::Kind::mail:
        if (const auto mail = ledger.mail(id.number))
            return mail_json(*mail, personal);
        throw CommandFailure(ExitStatus::wrong, "there is no mail m" + std::to_string(id.number));
    }
    return nullptr;
}

void print_text(const Json& about) {
    const char* name;
    json_t* value;
    json_object_foreach(about.get(), name, value) {
        if (json_is_string(value))
            std::cout << name << ": " << text_of(value) << '\n';
        else if (json_is_integer(value))
            std::cout << name << ": " << json_integer_value(value) << '\n';
        else if (json_is_object(value))
            std::cout << name << ": " << json_text(value) << '\n';
    }
    std::size_t index;
    json_array_foreach(json_object_get(about.get(), "timeline"), index, value) std::cout
        << "  " << text_of(json_object_get(value, "at")) << "  " << text_of(json_object_get(value, "what"))
        << '\n';
}

} // namespace

void show_job(const Configuration& configuration, const std::string& words, bool personal, bool json) {
    const JobId id = parse_job_id(words);
    Database database = open_ledger(configuration);
    JobLedger ledger(database);
    const Json about = gather(configuration, ledger, id, personal);
    const auto string = [&](const char* name) {
        return std::string(text_of(json_object_get(about.get(), name)));
    };
    const auto event = static_cast<std::uint32_t>(json_integer_value(json_object_get(about.get(), "event")));
    Json moments(json_array());
    for (const Moment& moment : ledger.timeline(
             event, id.kind == JobId::Kind::road ? id.stream_id : string("stream_id"), string("application")))
        json_array_append_new(moments.get(),
                              json_pack("{s:s, s:s}", "at", moment.at.c_str(), "what", moment.what.c_str()));
    json_object_set_new(about.get(), "timeline", moments.release());
    json ? print(about) : print_text(about);
}

} // namespace mogiri::daemon
