// A roster as a file: CSV with the columns id, name, address, class, read whole, with every row that is bad.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <event_settings.hpp>

#include "ledger/roster_ledger.hpp"

namespace mogiri::daemon {

// A row that cannot be imported: where it is, what stands there, and what to do.
struct BadRow {
    std::size_t line = 0; // where the row begins
    std::string column, value, remedy;
};

// It is no roster at all: says what its first line must be.
class RosterFileError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct RosterFile {
    std::vector<RosterEntry> entries; // of the good rows
    std::vector<BadRow> bad;
};

// RFC 4180 in UTF-8, with or without a byte order mark, lines ended by LF or CR LF, columns in any order.
// Addresses become what they are compared as. Throws RosterFileError when the header is none.
RosterFile read_roster_file(std::string_view text, const Form& form);

} // namespace mogiri::daemon
