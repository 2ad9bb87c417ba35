// The contract's sample event in a fresh ledger, and applications for it.
#pragma once

#include <json_owner.hpp>

#include <string>

#include "../contract/sample_event.hpp"
#include "apply_job.hpp"
#include "database.hpp"
#include "ledger/event_ledger.hpp"

namespace mogiri::daemon {

inline Json sample_definition() {
    Json definition = parse_json(sample_event);
    for (const char* published : {"number", "version"})
        json_object_del(definition.get(), published);
    return definition;
}

// Event 1.
inline void store_sample_event(Database& database) {
    EventLedger(database).store_event(sample_definition().get(), false);
}

// The status address of the n-th test application: 26 characters of base32.
inline std::string application_id(int n) {
    std::string id(26, 'A');
    for (std::size_t i = 26; n > 0; n /= 26)
        id[--i] = static_cast<char>('A' + n % 26);
    return id;
}

// Student S2E<student> asks for tickets.
inline ApplyJob application(int n, int student, std::size_t guests = 1) {
    ApplyJob job;
    job.id = application_id(n);
    job.event = 1;
    job.form = "student";
    job.applicant = "S2E" + std::to_string(student);
    job.email = "student" + std::to_string(student) + "@example.jp";
    job.fields = {{"school_grades", "S2"}, {"classes", "E"}, {"student_number", std::to_string(student)}};
    for (std::size_t guest = 1; guest <= guests; ++guest)
        job.guests.push_back("山田 花子 " + std::to_string(guest));
    job.body_hash = std::string(32, '0');
    job.submitted_ms = 1781913600000;
    return job;
}

} // namespace mogiri::daemon
