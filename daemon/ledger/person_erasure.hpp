// One person's data in the ledger: found by an address, or by who applied at an event, and erased.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../database.hpp"
#include "../redis.hpp"
#include "ticket_ledger.hpp"

namespace mogiri::daemon {

struct Person {
    std::string address;   // in any spelling, or
    std::string applicant; // as a form builds it: S2E12; wants an event
    std::optional<std::uint32_t> event;
    bool roster = false; // entries of rosters, too
};

// What the ledger knows of somebody, by ids.
struct PersonTraces {
    std::vector<std::string> applications,
        applicants; // "link:<number>" stands for the mail of a lost account
    std::vector<std::int64_t> accounts;
    std::vector<TicketRow> usable; // valid tickets of events that are not over
    std::int64_t roster = 0;

    bool empty() const { return applications.empty() && accounts.empty() && roster == 0; }
};

class PersonErasure {
  public:
    // `database` outlives this object.
    explicit PersonErasure(Database& database) : database_(database) {}

    PersonTraces find(const Person& person);

    // Inside the caller's transaction, who has named who acts (act_as). Returns the number of the erasure:
    // what lies outside of the ledger goes when mogirid has read it after the commit. Tickets stay as they
    // are, without a name.
    std::int64_t erase(const Person& person, const PersonTraces& traces);

    // Whether an application of theirs, or of anybody who gave the address, is still to be decided: it would
    // be stored after the erasure.
    bool is_on_its_way(Redis& redis, const Person& person);

    // Whether all is gone, from Redis and its files too.
    bool is_done(std::int64_t number);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
