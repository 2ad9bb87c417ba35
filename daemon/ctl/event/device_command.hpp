// `mogirictl device …`: the door's scanners; each takes its key itself, with a code for one use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct NewDevice {
    std::string name, event, gate, profile;
    bool key = false; // made and shown at once, with no code
    bool json = false;
};

struct DeviceWish {
    std::string event;
    std::int64_t device = 0;
    std::optional<std::string> name, gate; // to be changed
    bool json = false;
};

// Shows the code that the device claims its key with, as a QR symbol; or the key, which is kept nowhere.
void add_device(const Configuration& configuration, const NewDevice& device);
// Shows another code; a key that the device has is good until that is used.
void invite_device(const Configuration& configuration, const DeviceWish& wish);
// Both return when the door knows.
void change_device(const Configuration& configuration, const DeviceWish& wish);
void revoke_device(const Configuration& configuration, const DeviceWish& wish);

} // namespace mogiri::daemon
