// The code in a ticket of the system before: 64 hex digits. It is no signature of ours; what ticket it stands
// for is looked up by its digest, so that neither the ledger nor Redis holds codes that could be shown at the
// door.
#pragma once

#include <string>
#include <string_view>

namespace mogiri {

// By its shape alone, in either case of its letters.
bool is_old_code(std::string_view code);

// The first 16 bytes of the SHA-256 of the code in lower case, as 32 hex digits. Precondition:
// is_old_code(code).
std::string old_code_digest(std::string_view code);

} // namespace mogiri
