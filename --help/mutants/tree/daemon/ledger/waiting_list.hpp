// The waiting list: who is first in it moves up when places come free. And unconfirmed applications, which
// lapse.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../database.hpp"
#include "settings_book.hpp"

namespace mogiri::daemon {

// Owner: one thread, beside its Database. Throws what Database::query throws.
class WaitingList {
  public:
    static constexpr std::size_t most_at_once = 100;

    // `signing_key`: as ApplicationLedger has it.
    WaitingList(Database& database, std::uint8_t signing_key)
        : database_(database), signing_key_(signing_key) {}

    // First come, first served: in their order those whose tickets all find room, who get them or, where the
    // form wants that, hold their places until they are approved. Who finds no room is passed over and keeps
    // the place. At most most_at_once; returns how many. One daemon at a time, under the locks that the road
    // sells under (tests/unit/daemon/waiting_list_test.cpp races them).
    std::size_t move_up();

    // Applications whose address was not confirmed in time are refused. At most most_at_once; returns how
    // many.
    std::size_t lapse();

  private:
    std::size_t move_up_in(std::uint32_t event);

    Database& database_;
    std::uint8_t signing_key_;
    SettingsBook book_;
};

} // namespace mogiri::daemon
