// The former system's door, led through ours.
#include "door/old_paths.hpp"

#include <array>

#include "daemon/contract/digest.hpp"
#include "daemon/contract/redis_keys.hpp"
#include "door/paths.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

// An old scanner says nothing that would tell a repeated request from a new scan.
std::string fresh_nonce() {
    std::array<std::uint8_t, 16> bytes{};
    random_bytes(bytes);
    return hex(bytes);
}

ngx_int_t send_old_verdict(Request request, const Verdict& verdict, const EventSettings&) {
    note_verdict(request, verdict.reply);
    return send_json(request, 200, old_verdict_json(verdict, request.language()));
}

ngx_int_t serve_validation(Request request, const Visit& visit, Direction direction) {
    const auto found = scanner_of(request, visit);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        return send_problem(request, *problem);
    }
    const std::string nonce = fresh_nonce();
    return judge(
        request, std::get<Scanner>(found),
        {.code = visit.rest, .direction = direction, .nonce = nonce},
        send_old_verdict);
}

ngx_int_t send_unavailable(Request request) {
    return send_problem(request, {.status = 503, .retry_after = 1});
}

ngx_int_t serve_total(Request request, const Visit& visit, Direction direction) {
    const auto found = scanner_of(request, visit);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        return send_problem(request, *problem);
    }
    const EventSettings& settings = *std::get<Scanner>(found).settings;
    const std::string key = redis_keys::totals(settings.number, settings.day_at(now_ms()).day);
    if (!worker().redis.takes_calls()) {
        return send_unavailable(request);
    }
    const auto parked = Parked::park(request, longest_scan, send_unavailable);
    worker().redis.call({"FCALL", "mogiri_totals", "1", key}, [parked, direction](RedisReply reply) {
        parked->answer([&](Request waiting) {
            if (reply.lost() || reply.is_error()) {
                return send_unavailable(waiting);
            }
            return send_json(waiting, 200, old_total_json(reply.text(), direction, waiting.language()));
        });
    });
    return NGX_DONE;
}

} // namespace

ngx_int_t serve_old_entry(Request request, const Visit& visit) {
    return serve_validation(request, visit, Direction::entry);
}

ngx_int_t serve_old_exit(Request request, const Visit& visit) {
    return serve_validation(request, visit, Direction::exit);
}

ngx_int_t serve_old_entry_total(Request request, const Visit& visit) {
    return serve_total(request, visit, Direction::entry);
}

ngx_int_t serve_old_exit_total(Request request, const Visit& visit) {
    return serve_total(request, visit, Direction::exit);
}

} // namespace mogiri::module
