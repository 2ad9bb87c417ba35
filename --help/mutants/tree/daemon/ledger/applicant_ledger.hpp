// An application after it was decided, as its applicant sees and changes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"
#include "ticket_succession.hpp"

namespace mogiri::daemon {

struct HeldApplication {
    std::string form, state;
    std::string code;         // of a refusal; empty: issued
    std::int64_t tickets = 0; // issued at first
    std::string applicant,
        mail; // `mail`: how far the latest mail of this state has come; empty: there is none
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
    // Seconds until the tickets, or the link that confirms its address, may be mailed again; 0: now.
    std::int64_t resend_after(const std::string& application);

    // The rest wants a transaction. Who changes an application waits for others who do; false when there is
    // none in that state.
    bool lock(std::uint32_t event, const std::string& application, std::string_view state = "issued");
    // The latest ticket in that place; nobody else changes it meanwhile.
    std::optional<HeldTicket> ticket(std::uint32_t event, const std::string& application, int position);
    // Seconds until another name may be corrected; 0: now.
    std::int64_t rename_after(const std::string& application);
    // The ticket is revoked, and another one stands in its place. `door`: as TicketSuccession has it.
    NewTicket rename(const HeldTicket& ticket, const std::string& name, std::uint32_t event,
                     std::uint8_t signing_key, const std::vector<TicketDayUse>& door);
    // The ticket is revoked, and no longer counts towards any limit.
    void give_back(std::uint32_t event, const std::string& application, const HeldTicket& ticket);
    // The row of mail_outbox; nothing when no ticket is valid.
    std::optional<std::int64_t> owe_tickets(const std::string& application);
    // The link that confirms the address, once more. The row of mail_outbox.
    std::int64_t owe_link(const std::string& application);

  private:
    void tell_redis(std::uint32_t event, std::uint64_t serial);

    Database& database_;
};

} // namespace mogiri::daemon
