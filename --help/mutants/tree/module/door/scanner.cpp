// Device keys are looked up by their hash, so that no comparison's time depends on a key.
#include "door/scanner.hpp"

#include "daemon/contract/digest.hpp"
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

std::variant<Scanner, Problem> scanner_of(Request request, const Visit& visit) {
    const SettingsCache& cache = worker().settings;
    Scanner scanner{cache.of(visit.slug), {}, 0};
    if (scanner.settings == nullptr && !cache.loaded()) {
        // No device is known either, so nothing is said about a code's signature.
        return Problem{
            .status = 503, .code = "not_ready", .retry_after = 1, .members = {{"reason", "degraded"}}};
    }
    if (scanner.settings == nullptr) {
        return Problem{.status = 404};
    }
    const auto key = request.bearer();
    if (!key || key->empty()) {
        return Problem{
            .status = 401, .code = "no_device_key", .detail = "send the device's key as a Bearer token"};
    }
    scanner.key_hash = hex(sha256(*key));
    const Device* device = scanner.settings->device_with_key(scanner.key_hash);
    if (device == nullptr) {
        return bad_device_key();
    }
    scanner.gate = device->gate;
    if (!may_scan(device->profile)) {
        return Problem{.status = 403, .code = "wrong_profile", .detail = "this device may not scan"};
    }
    return scanner;
}

} // namespace mogiri::module
