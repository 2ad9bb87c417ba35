// Everything that decided applications leave in the ledger: their own rows, tickets, mail, and what Redis
// must be told.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <apply_job.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

struct IssuedTicket {
    std::uint64_t serial = 0;
    std::string record;         // what the door will know of it: contract/ticket_record.hpp
    std::int64_t cache_row = 0; // of cache_outbox, to be deleted once Redis has all the tickets that it names
};

struct Settlement {
    Answer answer;
    std::string body_hash; // of the application in the ledger
    // Both only of an application decided just now.
    std::vector<IssuedTicket> tickets;
    std::optional<std::int64_t> mail; // row of mail_outbox
};

inline Answer decided_answer(const ApplyJob& job, Decision decision) {
    const bool asks = decision == Decision::issued || is_held(decision);
    return {job.id, decision, asks ? static_cast<std::int64_t>(job.guests.size()) : 0};
}

struct FreshApplication {
    const ApplyJob& job;
    const EventSettings& settings;
    Settlement& settlement; // its answer is given; tickets and mail are filled in
};

// For statistics; nothing where the form's roster is a list, whose entry knows it.
std::optional<std::string> class_of(const Form& form, const std::map<std::string, std::string>& fields);

// Inside the caller's transaction. A handful of statements however many applications there are.
void write_applications(Database& database, std::uint8_t signing_key,
                        std::span<const FreshApplication> applications);

// What was sent, as the ledger has it, in the order of the ids; unknown ones are left out.
std::vector<ApplyJob> read_applications(Database& database, const std::vector<std::string>& ids);

// Inside the caller's transaction, who has locked their rows: applications that are there come into another
// state, with all that follows. The publisher and the mail sweep hand it over. `change` and `reason`: for
// application_change.
void change_applications(Database& database, std::uint8_t signing_key,
                         std::span<const FreshApplication> applications, std::string_view change,
                         std::string_view reason);

} // namespace mogiri::daemon
