// Remembered device keys: the same answers as without a memory, and none that outlives the settings.
#include "module/door/device_keys.hpp"

#include <gtest/gtest.h>

#include "../contract/sample_event.hpp"
#include "daemon/contract/digest.hpp"

namespace mogiri::module {
namespace {

std::shared_ptr<EventSettings> event_with(const std::vector<std::string>& keys) {
    auto settings = std::make_shared<EventSettings>(EventSettings::parse(sample_event));
    for (const std::string& key : keys) {
        Device device;
        device.number = static_cast<std::uint32_t>(settings->devices.size() + 1);
        device.key_hash = hex(sha256(key));
        settings->devices.push_back(device);
    }
    return settings;
}

TEST(DeviceKeys, FindsEachDeviceAgainAndAgain) {
    std::vector<std::string> keys;
    for (int i = 0; i < 600; ++i) { // more than there are places
        keys.push_back("key-" + std::to_string(i));
    }
    const auto settings = event_with(keys);
    DeviceKeys known;
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            EXPECT_EQ(known.device(keys[i], settings), settings->devices.data() + i);
            EXPECT_EQ(known.device(keys[i], settings), settings->devices.data() + i);
        }
    }
}

TEST(DeviceKeys, TakesNoKeyForAnother) {
    const auto settings = event_with({"one-abcd"});
    DeviceKeys known;
    EXPECT_NE(known.device("one-abcd", settings), nullptr);
    for (const std::string_view other : {"two-abcd", "abcd", "one-abc", "one-abcd ", ""}) { // of the same place, some of them
        EXPECT_EQ(known.device(other, settings), nullptr) << other;
    }
    EXPECT_NE(known.device("one-abcd", settings), nullptr);
}

TEST(DeviceKeys, ForgetsARevokedDeviceWithItsSettings) {
    const auto before = event_with({"first", "second"}), after = event_with({"second"});
    DeviceKeys known;
    EXPECT_EQ(known.device("first", before), before->devices.data());
    EXPECT_EQ(known.device("first", after), nullptr);
    EXPECT_EQ(known.device("second", before), before->devices.data() + 1);
    EXPECT_EQ(known.device("second", after), after->devices.data());
}

TEST(DeviceKeys, TellsEventsApart) {
    const auto one = event_with({"key"}), other = event_with({});
    DeviceKeys known;
    EXPECT_NE(known.device("key", one), nullptr);
    EXPECT_EQ(known.device("key", other), nullptr);
}

} // namespace
} // namespace mogiri::module
