// The rules by which an application gets its tickets or a refusal. No I/O: what the ledger knows is handed
// in.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include <apply_job.hpp>

#include "../ledger/settings_book.hpp"

namespace mogiri::daemon {

// A job that can never be decided as it is: not readable, of no event or form that we have.
class FaultyJob : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct ApplicantKey {
    std::uint32_t event = 0;
    std::string form, applicant;
    auto operator<=>(const ApplicantKey&) const = default;
};

ApplicantKey applicant_of(const ApplyJob& job);

// What was decided about an application, now or long ago.
struct Settled {
    Answer answer;
    std::string body_hash;
};

// Tickets by event and kind: sold, or held for applications that await approval.
using TakenPlaces = std::map<std::pair<std::uint32_t, std::string>, std::int64_t>;

// What the ledger knows about the applicants of a batch, under their locks; deciding keeps it up to date.
struct Standing {
    std::map<std::string, Settled> settled;                                // by application id
    std::map<ApplicantKey, std::string> addresses;                         // normalized
    std::map<std::pair<std::uint32_t, std::string>, ApplicantKey> holders; // by event and normalized address
    // Tickets over all applications, those asked for by applications that wait or await approval included.
    std::map<ApplicantKey, std::int64_t> issued;
    TakenPlaces taken;
    std::set<std::pair<std::uint32_t, std::string>> waiting; // event and kind that somebody waits for
    // Of rosters by list: who is in them, by event, form and id, with a normalized address or none.
    std::map<ApplicantKey, std::string> roster;
};

// How a job's applicant is called in the roster of its form, if that is a list.
std::optional<ApplicantKey> roster_key(const ApplyJob& job, const Form& form);

// The form of a job's event. Throws FaultyJob.
const Form& form_of(const ApplyJob& job, const EventSettings& settings);

// Whether so many more tickets of a kind can be sold, by its capacity and those of its days.
bool has_room(const EventSettings& settings, std::uint32_t event, const TicketKind& kind, std::int64_t wanted,
              const TakenPlaces& taken);

// `confirmed`: its address is, where the form wants that. Without it nothing is judged that depends on other
// applications, and nothing is taken: whoever knows a class and a number may have sent it.
Decision decide(const ApplyJob& job, const BookedEvent& event, Standing& standing, bool confirmed = false);

} // namespace mogiri::daemon
