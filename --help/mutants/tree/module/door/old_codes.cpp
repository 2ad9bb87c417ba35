// Looks up what ticket an old code stands for, and goes on as with a code of ours.
#include "door/old_codes.hpp"

#include <charconv>

#include "daemon/contract/old_code.hpp"
#include "daemon/contract/redis_keys.hpp"
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

ngx_int_t looked_up(const std::shared_ptr<Parked>& parked, SettingsPtr settings, DoorScan scan,
                    SendVerdict send_verdict, RedisReply reply) {
    if (reply.is_nil() && !reply.lost()) {
        return refuse(parked->request(), *settings, CheckinOutcome::unknown, send_verdict);
    }
    const std::string_view serial = reply.is_error() ? std::string_view() : reply.text();
    const auto [end, error] =
        std::from_chars(serial.data(), serial.data() + serial.size(), scan.ticket.serial);
    if (serial.empty() || error != std::errc{} || end != serial.data() + serial.size()) {
        return send_not_looked_up(parked->request());
    }
    return worker().door.enter(parked, std::move(settings), std::move(scan), send_verdict);
}

} // namespace

ngx_int_t judge_old_code(Request request, const Scanner& scanner, Scan scan, SendVerdict send_verdict) {
    const EventSettings& settings = *scanner.settings;
    if (!settings.old_codes) {
        return refuse(request, settings, CheckinOutcome::bad_code, send_verdict);
    }
    if (scan.direction == Direction::entry && settings.has_ended(now_ms())) {
        return refuse(request, settings, CheckinOutcome::over, send_verdict);
    }
    if (!worker().redis.takes_calls()) {
        return send_not_looked_up(request);
    }
    const std::string ready = redis_keys::ready(settings.number),
                      key = redis_keys::old_code(settings.number, old_code_digest(scan.code)),
                      batch = std::to_string(worker().zone().last_batch(settings.number));
    const auto parked = Parked::park(request, longest_scan, send_not_looked_up);
    DoorScan found{.ticket = {.event = settings.number},
                   .direction = scan.direction,
                   .nonce_digest = nonce_digest(scan.nonce),
                   .key_hash = scanner.key_hash,
                   .gate = std::move(scan.gate)};
    worker().redis.call(
        {"FCALL", "mogiri_old_code", "2", ready, key, worker().redis.run_id(), batch},
        [parked, settings = scanner.settings, found, send_verdict](RedisReply reply) {
            parked->answer([&](Request) { return looked_up(parked, settings, found, send_verdict, reply); });
        });
    return NGX_DONE;
}

} // namespace mogiri::module
