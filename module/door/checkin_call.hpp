// The arguments of one mogiri_checkin over many tickets, as WIRE.md has them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/contract/checkin.hpp"
#include "daemon/contract/event_settings.hpp"

namespace mogiri::module {

class CheckinCall {
  public:
    CheckinCall(const EventSettings& settings, CurrentDay today, std::string_view run_id,
                std::uint64_t last_batch);

    // Cheapest where scans that ask_for_the_same() come one after the other.
    void add(std::uint64_t serial, const CheckinItem& item);

    // Views that live as long as this object and are void after the next add().
    std::span<const std::string_view> arguments();

  private:
    std::uint32_t event_;
    std::array<std::string, 4> keys_;
    std::string ticket_key_; // what all of them begin with
    std::string ticket_keys_;
    std::vector<std::size_t> ends_; // of each in `ticket_keys_`
    std::string run_id_, last_batch_, rules_, key_count_;
    CheckinColumns columns_;
    std::vector<std::string_view> arguments_;
};

} // namespace mogiri::module
