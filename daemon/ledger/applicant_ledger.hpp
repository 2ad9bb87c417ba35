// An application after it was decided, as its applicant sees and changes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

struct HeldApplication {
    std::string form, code; // the code of a refusal; empty: issued
    std::string mail;       // state of the latest mail with its tickets; empty: there is none
};

// The latest ticket in each place of an application.
struct HeldTicket {
    std::uint64_t serial = 0;
    int position = 0;
    std::string guest, kind, reference;
    std::string state; // "valid", "returned", "revoked"
    bool entered = false;
};

class ApplicantLedger {
  public:
    static constexpr int resends_an_hour = 3;

    // `database` outlives this object.
    explicit ApplicantLedger(Database& database) : database_(database) {}

    std::optional<HeldApplication> find(std::uint32_t event, const std::string& application);
    // In the order of their places.
    std::vector<HeldTicket> tickets(std::uint32_t event, const std::string& application);
    // Seconds until the tickets may be mailed again; 0: now.
    std::int64_t resend_after(const std::string& application);

    // The rest wants a transaction. Who changes an issued application waits for others who do; false when
    // there is none.
    bool lock(std::uint32_t event, const std::string& application);
    // The row of mail_outbox; nothing when no ticket is valid.
    std::optional<std::int64_t> owe_tickets(const std::string& application);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
