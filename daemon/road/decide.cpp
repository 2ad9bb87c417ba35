// The rules by which an application gets its tickets or a refusal. No I/O: what the ledger knows is handed
// in.
#include "decide.hpp"

#include <form.hpp>

namespace mogiri::daemon {

namespace {

using Sales = std::map<std::pair<std::uint32_t, std::string>, std::int64_t>;

std::int64_t sold_of(const Sales& sales, std::uint32_t event, const TicketKind& kind) {
    const auto sold = sales.find({event, kind.id});
    return sold == sales.end() ? 0 : sold->second;
}

} // namespace

ApplicantKey applicant_of(const ApplyJob& job) {
    return {job.event, job.form, job.applicant};
}

std::optional<ApplicantKey> roster_key(const ApplyJob& job, const Form& form) {
    if (!form.roster || !form.roster->list)
        return std::nullopt;
    return ApplicantKey{job.event, job.form, filled_pattern(form, form.roster->id, job.fields)};
}

const Form& form_of(const ApplyJob& job, const EventSettings& settings) {
    const Form* form = settings.form(job.form);
    if (!form)
        throw FaultyJob("the event has no such form any more");
    return *form;
}

bool has_room(const EventSettings& settings, std::uint32_t event, const TicketKind& kind, std::int64_t wanted,
              const Sales& sales) {
    if (kind.capacity > 0 && sold_of(sales, event, kind) + wanted > kind.capacity)
        return false;
    for (const EventDay& day : settings.days) {
        if (day.capacity == 0 || !kind.valid_on(day.number))
            continue;
        std::int64_t sold = wanted;
        for (const TicketKind& other : settings.kinds)
            if (other.valid_on(day.number))
                sold += sold_of(sales, event, other);
        if (sold > day.capacity)
            return false;
    }
    return true;
}

Decision decide(const ApplyJob& job, const BookedEvent& event, Standing& standing) {
    const EventSettings& settings = event.settings;
    const Form& form = form_of(job, settings);
    const TicketKind& kind = settings.kinds.at(form.kind);
    const ApplicantKey applicant = applicant_of(job);
    const std::pair address{job.event, normalized_address(job.email)};
    const auto wanted = static_cast<std::int64_t>(job.guests.size());

    // Who applied while it was open is decided as if it still were, however long an outage kept the job
    // waiting.
    if (settings.state != EventState::open && job.submitted_ms >= event.state_since_ms)
        return Decision::closed;
    if (job.submitted_ms >= form.closes_ms)
        return Decision::closed;
    if (job.submitted_ms < form.opens_ms)
        return Decision::not_open_yet;
    if (!roster_has(form, job.fields))
        return Decision::unknown_student;
    if (const auto key = roster_key(job, form)) {
        const auto entry = standing.roster.find(*key);
        if (entry == standing.roster.end())
            return Decision::unknown_student;
        if (!entry->second.empty() && entry->second != address.second)
            return Decision::address_taken;
    }
    const auto known = standing.addresses.find(applicant);
    if (known != standing.addresses.end() && known->second != address.second)
        return Decision::address_taken;
    const auto holder = standing.holders.find(address);
    if (holder != standing.holders.end() && holder->second != applicant)
        return Decision::address_taken;
    std::int64_t& issued = standing.issued[applicant];
    if (form.limit > 0 && issued + wanted > form.limit)
        return Decision::limit_reached;
    if (!has_room(settings, job.event, kind, wanted, standing.sold))
        return Decision::sold_out;

    issued += wanted;
    standing.sold[{job.event, kind.id}] += wanted;
    standing.addresses.emplace(applicant, address.second);
    standing.holders.emplace(address, applicant);
    return Decision::issued;
}

} // namespace mogiri::daemon
