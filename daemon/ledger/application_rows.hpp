// Everything that fresh applications leave in the ledger: their own rows, tickets, mail, and what Redis must
// be told.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
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

struct FreshApplication {
    const ApplyJob& job;
    const EventSettings& settings;
    Settlement& settlement; // its answer is given; tickets and mail are filled in
};

// Inside the caller's transaction. A handful of statements however many applications there are.
void write_applications(Database& database, std::uint8_t signing_key,
                        std::span<const FreshApplication> applications);

} // namespace mogiri::daemon
