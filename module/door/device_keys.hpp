// Which device a key belongs to, remembered for keys that came before.
//
// Owner: the Worker. What is remembered holds for the very settings it was found in: once others are
// published, every key is looked up anew, so that a device that was revoked stays out.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/contract/event_settings.hpp"

namespace mogiri::module {

class DeviceKeys {
  public:
    // Null when no device of the event has that key; else it lives as long as the settings.
    const Device* device(std::string_view key, const std::shared_ptr<const EventSettings>& settings);

    static constexpr std::size_t places = 256; // two keys that share one are looked up in turn

  private:
    struct Known {
        std::string key; // "": none yet
        std::shared_ptr<const EventSettings> settings;
        const Device* device = nullptr;
    };

    std::array<Known, places> known_;
};

} // namespace mogiri::module
