// Check-in over HTTP.
#include "door/paths.hpp"

#include <variant>

#include "daemon/contract/old_code.hpp"
#include "door/old_codes.hpp"
#include "http/body.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {

ngx_int_t send_verdict(Request request, const Verdict& verdict, const EventSettings& settings) {
    note_verdict(request, verdict.reply);
    JsonText json;
    write_verdict(json, verdict, settings, request.language());
    return send_json(request, 200, json.take());
}

void note_verdict(Request request, const CheckinReply& reply) {
    Context& notes = context(request);
    notes.outcome = is_refusal(reply.outcome) ? "refused" : outcome_name(reply.outcome);
    notes.reason = is_refusal(reply.outcome) ? outcome_name(reply.outcome) : "-";
    if (!reply.test) {
        request.main_conf().zone.count_scan(notes.gate, reply);
    }
}

ngx_int_t judge(Request request, const Scanner& scanner, const ScanWords& scan, SendVerdict send,
                const std::shared_ptr<Parked>& parked) {
    const EventSettings& settings = *scanner.settings;
    GatePlace& place = context(request).gate = {settings.number, scanner.gate};
    if (scan.gate) {
        const Gate* gate = settings.gate(*scan.gate);
        if (gate == nullptr) {
            return send_problem(request, unknown_gate(request.language()));
        }
        place.gate = gate->number;
    }
    if (is_old_code(scan.code)) {
        return judge_old_code(request, scanner, scan, send, parked);
    }
    const auto refuse = [&](CheckinOutcome outcome, SettingsPtr ticket_event = nullptr) {
        Verdict verdict;
        verdict.reply.outcome = outcome;
        verdict.ticket_event = ticket_event.get();
        return send(request, verdict, settings);
    };
    TicketId ticket{.event = settings.number, .serial = scan.ticket.value_or(0)};
    switch (scan.ticket ? CodeVerdict::genuine : worker().codes.verify(scan.code, ticket)) {
    case CodeVerdict::misshapen:
        return refuse(CheckinOutcome::bad_code);
    case CodeVerdict::forged:
        return refuse(CheckinOutcome::unknown);
    case CodeVerdict::genuine:
        break;
    }
    if (ticket.event != settings.number) {
        return refuse(CheckinOutcome::wrong_event, worker().settings.numbered(ticket.event));
    }
    DoorScan at_door = door_scan(scanner, scan, ticket);
    return parked != nullptr ? worker().door.enter(parked, std::move(at_door), send)
                             : worker().door.enter(request, std::move(at_door), send);
}

DoorScan door_scan(const Scanner& scanner, const ScanWords& scan, const TicketId& ticket) {
    return {.settings = scanner.settings,
            .device = scanner.device,
            .ticket = ticket,
            .direction = scan.direction,
            .nonce_digest = nonce_digest(scan.nonce),
            .gate = std::optional<std::string>(scan.gate),
            .supervision = scanner.supervision,
            .note = scanner.note};
}

ngx_int_t serve_checkin(Request request, const Visit& visit) {
    auto found = scanner_of(request, visit);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        return send_problem(request, *problem);
    }
    if (!request.content_type().empty() && !request.has_content_type("application/json")) {
        return send_problem(request, {.status = 415, .detail = "send application/json"});
    }
    const auto* scanner = make_in_pool<Scanner>(request.pool(), std::get<Scanner>(std::move(found)));
    return read_body(request, [scanner](Request read, std::string_view body) {
        if (const auto plain = plain_scan(body)) {
            return judge(read, *scanner, *plain, send_verdict);
        }
        const auto scan = parse_scan(body, read.language());
        if (const auto* problem = std::get_if<Problem>(&scan)) {
            return send_problem(read, *problem);
        }
        return judge(read, *scanner, std::get<Scan>(scan).words(), send_verdict);
    });
}

} // namespace mogiri::module
