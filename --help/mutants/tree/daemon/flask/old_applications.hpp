// What the rows of the system before become: an application for each user who has tickets; and the rows that
// cannot be taken, with the reason.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <event_settings.hpp>

#include "old_tables.hpp"

namespace mogiri::daemon {

struct OldApplication {
    std::string user; // as its id there
    const Form* form = nullptr;
    std::string applicant, email, address; // as our ledger spells them
    std::map<std::string, std::string> fields;
    std::vector<OldTicket> tickets; // with codes in lower case and names trimmed
};

// Told by its ids alone.
struct LeftOutRow {
    std::string table; // users, tickets
    std::string row;   // S2E12, of a ticket S2E12/2
    std::string reason, remedy;
};

struct OldRows {
    std::vector<OldApplication> applications;
    std::vector<LeftOutRow> left_out;
    std::size_t users_without_tickets = 0;
};

// Which form students' applications belong to, and which those of everybody else.
struct OldForms {
    const Form* student = nullptr;
    const Form* teacher = nullptr;
};

// The reason for which such rows cannot become applications with this form; empty when they can.
std::string reason_against(const Form& form, bool is_student);

// Tickets in the order of OldTables::tickets().
OldRows judge_old_rows(const EventSettings& event, const OldForms& forms, const std::vector<OldUser>& users,
                       std::vector<OldTicket> tickets);

} // namespace mogiri::daemon
