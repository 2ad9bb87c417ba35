// Who sends a device key, and whether that device may scan.
#include "door/scanner.hpp"

#include "worker.hpp"

namespace mogiri::module {

namespace {

bool may_scan(DeviceProfile profile) {
    switch (profile) {
    case DeviceProfile::scanner:
    case DeviceProfile::supervisor:
        return true;
    }
    return false;
}

} // namespace

Problem bad_device_key() {
    return {.status = 401, .code = "bad_device_key", .detail = "no device of this event has that key"};
}

std::variant<SettingsPtr, Problem> event_of(const Visit& visit) {
    const SettingsCache& cache = worker().settings;
    SettingsPtr settings = cache.of(visit.slug);
    if (settings == nullptr && !cache.loaded()) {
        // No device is known either, so nothing is said about a code's signature.
        return Problem{
            .status = 503, .code = "not_ready", .retry_after = 1, .members = {{"reason", "degraded"}}};
    }
    if (settings == nullptr) {
        return Problem{.status = 404};
    }
    return settings;
}

const Device* device_of(Request request, const SettingsPtr& settings) {
    const auto key = request.bearer();
    return key ? worker().device_keys.device(*key, settings) : nullptr;
}

std::variant<Scanner, Problem> scanner_of(Request request, const Visit& visit) {
    auto event = event_of(visit);
    if (auto* problem = std::get_if<Problem>(&event)) {
        return std::move(*problem);
    }
    const auto key = request.bearer();
    if (!key || key->empty()) {
        return Problem{
            .status = 401, .code = "no_device_key", .detail = "send the device's key as a Bearer token"};
    }
    Scanner scanner{.settings = std::get<SettingsPtr>(std::move(event))};
    scanner.device = worker().device_keys.device(*key, scanner.settings);
    if (scanner.device == nullptr) {
        return bad_device_key();
    }
    scanner.gate = scanner.device->gate;
    if (!may_scan(scanner.device->profile)) {
        return Problem{.status = 403, .code = "wrong_profile", .detail = "this device may not scan"};
    }
    return scanner;
}

} // namespace mogiri::module
