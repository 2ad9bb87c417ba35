// POST /api/v1/checkin: from a scanner's request to the door, and the verdict back.
#pragma once

#include "door/door.hpp"
#include "door/scan.hpp"
#include "door/scanner.hpp"
#include "http/routes.hpp"

namespace mogiri::module {

ngx_int_t serve_checkin(Request request, const Visit& visit);

// Judges the code in the worker, Redis or not; what is genuine goes through the door. `parked`: where the request is
// already; then this is the end of what Parked::answer() is given.
ngx_int_t judge(Request request, const Scanner& scanner, const ScanWords& scan, SendVerdict send_verdict,
                const std::shared_ptr<Parked>& parked = nullptr);

// What the door is asked for a code that is genuine.
DoorScan door_scan(const Scanner& scanner, const ScanWords& scan, const TicketId& ticket);

// In the words of our API.
ngx_int_t send_verdict(Request request, const Verdict& verdict, const EventSettings& settings);

// For logs and metrics; called by every SendVerdict.
void note_verdict(Request request, const CheckinReply& reply);

} // namespace mogiri::module
