// `mogirictl import-flask`: users, tickets and use of the system before.
#pragma once

#include <string>

#include "configuration.hpp"
#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

struct FlaskImport {
    std::string source; // URL as SQLAlchemy or libpq spell it; "-": the first line of standard input
    std::string event;  // slug
    std::string student_form = "student", teacher_form = "teacher";
    std::string users_table, tickets_table; // empty: told by their columns
    std::string time_zone;                  // of the times there; empty: the event's
    bool dry_run = false, json = false;
};

// Takes what can be taken and reports every other row; `wrong` when there is one. Returns when the door knows
// it.
ExitStatus import_flask(const Configuration& configuration, const FlaskImport& wish);

} // namespace mogiri::daemon
