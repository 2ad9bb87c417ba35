// A supervisor's word: who gives it, and through the door with it.
#include "door/supervision.hpp"

#include "api/api.hpp"
#include "daemon/contract/form.hpp"
#include "door/paths.hpp"
#include "door/scan.hpp"
#include "door/scanner.hpp"
#include "http/body.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

Supervision supervision_of(ScanKind kind) {
    return kind == ScanKind::undo ? Supervision::undo : Supervision::force;
}

std::string note_of(Request request, std::string actor, const Scan& scan) {
    return encode(ScanNote{.actor = std::move(actor),
                           .origin = std::string(view(request.raw()->connection->addr_text)),
                           .reason = scan.reason});
}

ngx_int_t by_device(Request request, SettingsPtr settings, const Device& device, const Scan& scan, ScanKind kind) {
    if (device.profile != DeviceProfile::supervisor) {
        return send_problem(request, {.status = 403,
                                      .code = "wrong_profile",
                                      .detail = "only a supervisor's device may undo or override"});
    }
    const Scanner scanner{std::move(settings), &device, device.gate, supervision_of(kind),
                          note_of(request, "device:" + std::to_string(device.number), scan)};
    return judge(request, scanner, scan.words(), send_verdict);
}

// A device stands at a gate, a person says at which.
Problem missing_gate(Language language) {
    return {.status = 422,
            .errors = {{"gate", std::string(fault_code(FieldFault::missing)),
                        std::string(fault_message(FieldFault::missing, language))}}};
}

ngx_int_t by_person(Request request, const Visit& visit, SettingsPtr settings, Scan scan, ScanKind kind) {
    return admit(request, visit, settings,
                 [settings, scan, kind](const std::shared_ptr<Parked>& parked, const Principal& principal) {
                     Scan whose = scan;
                     whose.nonce = principal.actor + "\n" + scan.nonce; // people share the device 0
                     const Scanner scanner{settings, nullptr, 0, supervision_of(kind),
                                           note_of(parked->request(), principal.actor, scan)};
                     return judge(parked->request(), scanner, whose.words(), send_verdict, parked);
                 });
}

ngx_int_t serve_supervision(Request request, const Visit& visit, ScanKind kind) {
    if (!request.content_type().empty() && !request.has_content_type("application/json")) {
        return send_problem(request, {.status = 415, .detail = "send application/json"});
    }
    return read_body(request, [visit, kind](Request whole, std::string_view body) {
        auto event = event_of(visit);
        if (const auto* problem = std::get_if<Problem>(&event)) {
            return send_problem(whole, *problem);
        }
        auto settings = std::get<SettingsPtr>(std::move(event));
        const Device* device = device_of(whole, settings);
        auto scan = parse_scan(body, whole.language(), kind);
        if (device != nullptr) {
            if (const auto* problem = std::get_if<Problem>(&scan)) {
                return send_problem(whole, *problem);
            }
            return by_device(whole, settings, *device, std::get<Scan>(scan), kind);
        }
        if (const auto* read = std::get_if<Scan>(&scan); read != nullptr && kind == ScanKind::force && !read->gate) {
            scan = missing_gate(whole.language());
        }
        // Whoever may not is told that, whatever they sent.
        if (auto* problem = std::get_if<Problem>(&scan)) {
            return admit(whole, visit, std::move(settings),
                         [problem = std::move(*problem)](const std::shared_ptr<Parked>& parked, const Principal&) {
                             return send_problem(parked->request(), problem);
                         });
        }
        return by_person(whole, visit, std::move(settings), std::get<Scan>(std::move(scan)), kind);
    });
}

} // namespace

ngx_int_t serve_undo(Request request, const Visit& visit) {
    return serve_supervision(request, visit, ScanKind::undo);
}

ngx_int_t serve_force(Request request, const Visit& visit) {
    return serve_supervision(request, visit, ScanKind::force);
}

} // namespace mogiri::module
