// POST /api/v1/checkin: from a scanner's request to the door, and the verdict back.
#pragma once

#include "door/door.hpp"
#include "door/scan.hpp"
#include "door/scanner.hpp"
#include "http/routes.hpp"

namespace mogiri::module {

ngx_int_t serve_checkin(Request request, const Visit& visit);

// Judges the code in the worker, Redis or not; what is genuine goes through the door.
ngx_int_t judge(Request request, const Scanner& scanner, Scan scan, SendVerdict send_verdict);

// For logs and metrics; called by every SendVerdict.
void note_verdict(Request request, const CheckinReply& reply);

} // namespace mogiri::module
