// Rosters by list, as admins import them: the same file and the same rules as `mogirictl roster`.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// {"entries","imported_at","classes":[{"class","entries"}]}
CallResult show_roster(CallTools& tools, const Call& call, const json_t* arguments);
// {"added","changed","unchanged","absent","left_out","bad":[{"line","column","value","remedy"}]}: what an
// import of the body's "csv" would do.
CallResult check_roster(CallTools& tools, const Call& call, const json_t* arguments);
// The same, done. 422 while a row is bad, unless the body says "skip_bad".
CallResult import_roster(CallTools& tools, const Call& call, const json_t* arguments);
// {"removed"}
CallResult clear_roster(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
