// What staff correct in an application that is in force: its fields, its guests' names, its address.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <form.hpp>

#include "../database.hpp"
#include "ticket_renewal.hpp"

namespace mogiri::daemon {

// An application as it is.
struct CorrectableApplication {
    std::string id, form, applicant, state, email;
    std::uint32_t event = 0;
    bool test = false;
    std::int64_t version = 0; // of it and its tickets: raised by every change
    std::map<std::string, std::string> fields;
    std::vector<std::string> guests;   // by place: the names on the tickets, or those that were asked for
    std::vector<std::int64_t> serials; // by place: of the valid ticket there; 0: there is none

    bool may_be_corrected() const;
};

// What it shall be.
struct WantedApplication {
    std::map<std::string, std::string> fields;
    std::vector<std::string> guests;
    std::string applicant, email;
    GuestNames renamed; // the tickets that are to bear another name
};

// Why the ledger does not take it: what() is the code of the answer.
class CorrectionRefusal : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// By the rules of the form, of what is changed only: an application may be older than a rule. `typed`: fields
// by name; what is not named stays. `guests`: all of them, or nothing.
std::variant<WantedApplication, std::vector<FieldError>>
corrected(const Form& form, const CorrectableApplication& was, const FormValues& typed,
          const std::optional<std::vector<std::string>>& guests);

class ApplicationCorrection {
  public:
    // `database` outlives this object. `signing_key`: as ApplicationLedger has it.
    ApplicationCorrection(Database& database, std::uint8_t signing_key)
        : database_(database), signing_key_(signing_key) {}

    // Nothing when the event has none such. `lock`: it and all others of its applicant.
    std::optional<CorrectableApplication> find(std::uint32_t event, const std::string& id, bool lock);

    // Tickets with another name are issued anew and mailed; a new address is that of all the applicant's
    // applications, and gets their tickets. Precondition: found with its lock in this transaction. Throws
    // CorrectionRefusal. Returns the serials of the tickets that changed.
    std::vector<std::uint64_t> carry_out(const Form& form, const CorrectableApplication& was,
                                         const WantedApplication& wanted, const DoorUses& uses,
                                         const std::string& reason);

  private:
    void move_applicant(const Form& form, const CorrectableApplication& was, const WantedApplication& wanted);
    void lock_applicants(const CorrectableApplication& was, const WantedApplication& wanted);
    void require_known(const Form& form, const CorrectableApplication& was, const WantedApplication& wanted);

    Database& database_;
    std::uint8_t signing_key_;
};

} // namespace mogiri::daemon
