// Codes of the former system at our door: looked up in Redis, where ours are judged by their signature alone.
#pragma once

#include "door/door.hpp"
#include "door/scan.hpp"
#include "door/scanner.hpp"

namespace mogiri::module {

// Precondition: is_old_code(scan.code). Refused `bad_code` unless the event takes old codes, and `over` on
// entry once it has ended: who has come in with one may go out. Costs one round trip to Redis more than a
// code of ours. `parked` as for judge().
ngx_int_t judge_old_code(Request request, const Scanner& scanner, const ScanWords& scan, SendVerdict send_verdict,
                         std::shared_ptr<Parked> parked);

} // namespace mogiri::module
