// The rules by which an application gets its tickets or a refusal. No I/O: what the ledger knows is handed
// in.
#include "decide.hpp"

#include <form.hpp>

#include <algorithm>

namespace mogiri::daemon {

namespace {

std::int64_t taken_of(const TakenPlaces& taken, std::uint32_t event, const TicketKind& kind) {
    const auto found = taken.find({event, kind.id});
    return found == taken.end() ? 0 : found->second;
}

// Whether somebody waits for what this kind would take: tickets of it, or places of a full day.
bool somebody_waits(const EventSettings& settings, std::uint32_t event, const TicketKind& kind,
                    const Standing& standing) {
    if (standing.waiting.empty())
        return false;
    return std::ranges::any_of(settings.kinds, [&](const TicketKind& other) {
        return standing.waiting.contains({event, other.id}) &&
               (other.id == kind.id || std::ranges::any_of(settings.days, [&](const EventDay& day) {
                    return day.capacity > 0 && kind.valid_on(day.number) && other.valid_on(day.number);
                }));
    });
}

// Of an application that keeps every rule. Who comes later goes behind those who wait, even where there is
// room: it is theirs first (WaitingList).
Decision take_places(const ApplyJob& job, const EventSettings& settings, const Form& form,
                     std::int64_t wanted, Standing& standing) {
    const TicketKind& kind = settings.kinds.at(form.kind);
    const bool room = has_room(settings, job.event, kind, wanted, standing.taken);
    if (form.waiting_list && (!room || somebody_waits(settings, job.event, kind, standing))) {
        if (!has_room(settings, job.event, kind, wanted, {}))
            return Decision::sold_out; // more than there ever can be
        standing.waiting.emplace(job.event, kind.id);
        return Decision::waiting;
    }
    if (!room)
        return Decision::sold_out;
    standing.taken[{job.event, kind.id}] += wanted;
    return form.approval ? Decision::awaiting_approval : Decision::issued;
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
              const TakenPlaces& taken) {
    if (kind.capacity > 0 && taken_of(taken, event, kind) + wanted > kind.capacity)
        return false;
    for (const EventDay& day : settings.days) {
        if (day.capacity == 0 || !kind.valid_on(day.number))
            continue;
        std::int64_t places = wanted;
        for (const TicketKind& other : settings.kinds)
            if (other.valid_on(day.number))
                places += taken_of(taken, event, other);
        if (places > day.capacity)
            return false;
    }
    return true;
}

Decision decide(const ApplyJob& job, const BookedEvent& event, Standing& standing, bool confirmed) {
    const EventSettings& settings = event.settings;
    const Form& form = form_of(job, settings);
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
    if (form.confirm_address && !confirmed)
        return Decision::unconfirmed;
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
    const Decision decision = take_places(job, settings, form, wanted, standing);
    if (decision == Decision::sold_out)
        return decision;
    issued += wanted;
    standing.addresses.emplace(applicant, address.second);
    standing.holders.emplace(address, applicant);
    return decision;
}

} // namespace mogiri::daemon
