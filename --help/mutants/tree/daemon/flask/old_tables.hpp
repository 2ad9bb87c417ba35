// The database of the system before, a Flask application: read as it stands, in one read-only transaction.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "database.hpp"

namespace mogiri::daemon {

struct OldUser {
    std::string id; // S2E12, or what stands before a teacher's @
    std::string first_name, last_name;
    std::string privilege;                 // student, teacher, admin-…
    std::string grade, class_name, number; // of a student
    std::string email;
};

// Of one ticket on one day.
struct OldUse {
    std::int64_t entries = 0, exits = 0;
    bool is_inside = false;
    std::optional<std::int64_t> entered_ms, left_ms; // the last ones

    bool is_any() const { return entries != 0 || exits != 0 || is_inside; }
};

struct OldTicket {
    std::string user;
    std::int64_t number = 0; // 1 and up among the user's
    std::string guest, code;
    std::int64_t created_ms = 0;
    std::array<OldUse, 2> days; // it knew two
};

// What cannot be read as the system before wrote it.
class OldTablesError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class OldTables {
  public:
    // `database` outlives this object. Its tables are told by their columns, for their names were another one
    // for every event; `users` and `tickets` name them where there are several. `time_zone`: of the times in
    // them. Throws OldTablesError.
    OldTables(Database& database, const std::string& users, const std::string& tickets,
              const std::string& time_zone);

    std::vector<OldUser> users();
    // In the order of user and number.
    std::vector<OldTicket> tickets();

    // "music_fes on 10.0.0.5": never a password.
    std::string source();

  private:
    std::string find(const char* what, const std::string& name, const std::vector<std::string>& columns);

    Database& database_;
    Transaction transaction_;
    std::string users_, tickets_; // quoted
};

} // namespace mogiri::daemon
