// An application after it was decided, as its applicant sees and changes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

struct HeldApplication {
    std::string form, code;      // the code of a refusal; empty: issued
    std::int64_t tickets = 0;    // issued at first
    std::string applicant, mail; // `mail`: state of the latest mail with its tickets; empty: there is none
};

// The latest ticket in each place of an application.
struct HeldTicket {
    std::uint64_t serial = 0;
    int position = 0;
    std::string guest, kind, reference;
    std::string state;    // "valid", "returned", "revoked"
    bool entered = false; // as far as the ledger knows
    std::uint8_t key_id = 0;
};

class ApplicantLedger {
  public:
    static constexpr int resends_an_hour = 3, renames_an_hour = 10;

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
    // The latest ticket in that place; nobody else changes it meanwhile.
    std::optional<HeldTicket> ticket(std::uint32_t event, const std::string& application, int position);
    // Seconds until another name may be corrected; 0: now.
    std::int64_t rename_after(const std::string& application);
    // The ticket is revoked, and another one stands in its place. Returns its serial and reference.
    HeldTicket rename(std::uint32_t event, const std::string& application, const HeldTicket& ticket,
                      const std::string& name, std::uint8_t signing_key);
    // The ticket is revoked, and no longer counts towards any limit.
    void give_back(std::uint32_t event, const std::string& application, const HeldTicket& ticket);
    // The row of mail_outbox; nothing when no ticket is valid.
    std::optional<std::int64_t> owe_tickets(const std::string& application);

  private:
    void revoke(std::uint32_t event, const HeldTicket& ticket, const char* change, const char* reason);
    void tell_redis(std::uint32_t event, std::uint64_t serial);

    Database& database_;
};

} // namespace mogiri::daemon
