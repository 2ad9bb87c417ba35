// Keys are looked up by their hash, and compared in constant time, so that no time depends on a key.
#include "door/device_keys.hpp"

#include <algorithm>

#include "daemon/contract/digest.hpp"

namespace mogiri::module {

namespace {

// Keys are random: their last characters tell them apart.
std::size_t place_of(std::string_view key) {
    std::size_t place = key.size();
    for (const char character : key.substr(key.size() - std::min<std::size_t>(key.size(), 4))) {
        place = 31 * place + static_cast<unsigned char>(character);
    }
    return place % DeviceKeys::places;
}

} // namespace

const Device* DeviceKeys::device(std::string_view key, const std::shared_ptr<const EventSettings>& settings) {
    if (key.empty()) {
        return nullptr;
    }
    Known& known = known_[place_of(key)];
    if (known.settings == settings && equal_in_constant_time(known.key, key)) {
        return known.device;
    }
    const Device* device = settings->device_with_key(hex(sha256(key)));
    if (device != nullptr) { // keys of nobody's push nobody out
        known = {std::string(key), settings, device};
    }
    return device;
}

} // namespace mogiri::module
