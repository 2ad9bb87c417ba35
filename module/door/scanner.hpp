// Who scans: the device behind the Bearer key, at the event of the address.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "daemon/contract/checkin.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"
#include "redis/settings_cache.hpp"

namespace mogiri::module {

struct Scanner {
    SettingsPtr settings;
    const Device* device = nullptr; // one of the settings'; null: a person
    std::uint16_t gate = 0; // where the device stands; 0: at none
    Supervision supervision = Supervision::none;
    std::string note = {}; // a ScanNote's
};

// 404 when there is no such event, 503 while none is known.
std::variant<SettingsPtr, Problem> event_of(const Visit& visit);

// The device whose key came with the request, if it is one of the event's.
const Device* device_of(Request request, const SettingsPtr& settings);

// 401 no_device_key or bad_device_key, 403 wrong_profile, 404 when there is no such event, 503 while none is
// known.
std::variant<Scanner, Problem> scanner_of(Request request, const Visit& visit);

Problem bad_device_key();

} // namespace mogiri::module
