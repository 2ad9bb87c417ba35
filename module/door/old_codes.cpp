// Looks up what ticket an old code stands for, and goes on as with a code of ours.
#include "door/old_codes.hpp"

#include <charconv>

#include "daemon/contract/old_code.hpp"
#include "daemon/contract/redis_keys.hpp"
#include "door/paths.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

ngx_int_t refuse(Request request, const EventSettings& settings, CheckinOutcome outcome,
                 SendVerdict send_verdict) {
    Verdict verdict;
    verdict.reply.outcome = outcome;
    return send_verdict(request, verdict, settings);
}

// Nobody knows yet whether the code is one.
ngx_int_t send_not_looked_up(Request request) {
    Context& notes = context(request);
    notes.outcome = notes.reason = "degraded";
    request.main_conf().zone.count_degraded(notes.gate);
    return send_problem(request, degraded(request.language(), "unknown"));
}

ngx_int_t looked_up(const std::shared_ptr<Parked>& parked, DoorScan scan, SendVerdict send_verdict, RedisReply reply) {
    if (reply.is_nil() && !reply.lost()) {
        return refuse(parked->request(), *scan.settings, CheckinOutcome::unknown, send_verdict);
    }
    const std::string_view serial = reply.is_error() ? std::string_view() : reply.text();
    const auto [end, error] =
        std::from_chars(serial.data(), serial.data() + serial.size(), scan.ticket.serial);
    if (serial.empty() || error != std::errc{} || end != serial.data() + serial.size()) {
        return send_not_looked_up(parked->request());
    }
    return worker().door.enter(parked, std::move(scan), send_verdict);
}

} // namespace

ngx_int_t judge_old_code(Request request, const Scanner& scanner, const ScanWords& scan, SendVerdict send_verdict,
                         std::shared_ptr<Parked> parked) {
    const EventSettings& settings = *scanner.settings;
    if (!settings.old_codes) {
        return refuse(request, settings, CheckinOutcome::bad_code, send_verdict);
    }
    if (scan.direction == Direction::entry && scanner.supervision == Supervision::none && settings.has_ended(now_ms())) {
        return refuse(request, settings, CheckinOutcome::over, send_verdict);
    }
    if (!worker().redis.takes_calls()) {
        return send_not_looked_up(request);
    }
    const std::string ready = redis_keys::ready(settings.number),
                      key = redis_keys::old_code(settings.number, old_code_digest(scan.code)),
                      batch = std::to_string(worker().zone().last_batch(settings.number));
    const bool was_parked = parked != nullptr;
    if (was_parked) {
        parked->wait_longer(longest_scan, send_not_looked_up);
    } else {
        parked = Parked::park(request, longest_scan, send_not_looked_up);
    }
    DoorScan found = door_scan(scanner, scan, {.event = settings.number});
    worker().redis.call(
        {"FCALL", "mogiri_old_code", "2", ready, key, worker().redis.run_id(), batch},
        [parked, found = std::move(found), send_verdict](RedisReply reply) {
            parked->answer([&](Request) { return looked_up(parked, found, send_verdict, reply); });
        });
    return was_parked ? Parked::still_parked : NGX_DONE;
}

} // namespace mogiri::module
