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

namespace {

ngx_int_t send_verdict(Request request, const Verdict& verdict, const EventSettings& settings) {
    note_verdict(request, verdict.reply);
    return send_json(request, 200, verdict_json(verdict, settings, request.language()));
}

} // namespace

void note_verdict(Request request, const CheckinReply& reply) {
    Context& notes = context(request);
    notes.outcome = is_refusal(reply.outcome) ? "refused" : outcome_name(reply.outcome);
    notes.reason = is_refusal(reply.outcome) ? outcome_name(reply.outcome) : "-";
    if (!reply.test) {
        request.main_conf().zone.count_scan(notes.gate, reply);
    }
}

ngx_int_t judge(Request request, const Scanner& scanner, Scan scan, SendVerdict send) {
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
        return judge_old_code(request, scanner, std::move(scan), send);
    }
    const auto refuse = [&](CheckinOutcome outcome, SettingsPtr ticket_event = nullptr) {
        Verdict verdict;
        verdict.reply.outcome = outcome;
        verdict.ticket_event = ticket_event.get();
        return send(request, verdict, settings);
    };
    TicketId ticket;
    switch (worker().codes.verify(scan.code, ticket)) {
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
    return worker().door.enter(request, scanner.settings,
                               {.ticket = ticket,
                                .direction = scan.direction,
                                .nonce_digest = nonce_digest(scan.nonce),
                                .key_hash = scanner.key_hash,
                                .gate = std::move(scan.gate)},
                               send);
}

ngx_int_t serve_checkin(Request request, const Visit& visit) {
    auto found = scanner_of(request, visit);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        return send_problem(request, *problem);
    }
    if (!request.content_type().empty() && !request.has_content_type("application/json")) {
        return send_problem(request, {.status = 415, .detail = "send application/json"});
    }
    return read_body(request,
                     [scanner = std::get<Scanner>(std::move(found))](Request read, std::string_view body) {
                         auto scan = parse_scan(body, read.language());
                         if (const auto* problem = std::get_if<Problem>(&scan)) {
                             return send_problem(read, *problem);
                         }
                         return judge(read, scanner, std::get<Scan>(std::move(scan)), send_verdict);
                     });
}

} // namespace mogiri::module
