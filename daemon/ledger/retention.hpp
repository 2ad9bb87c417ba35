// Events whose data has been kept long enough, and erasing it batch by batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

struct KeptEvent {
    std::uint32_t event = 0;
    std::string slug, last_day;
    std::int64_t days = 0;         // retention_days of its file; 0: for ever
    std::string ends_at;           // when its data is to go; empty: never, or not while a day is forced
    std::string state;             // "kept", "due", "erasing", "erased"
    std::int64_t applications = 0; // with somebody's data in them
};

class Retention {
  public:
    // So few a transaction that nobody who wants the same rows waits long.
    static constexpr int applications_a_batch = 200;

    // `database` outlives this object.
    explicit Retention(Database& database) : database_(database) {}

    std::vector<KeptEvent> list();
    // Begins the erasure of every event that is due. Who acts has been named (act_as). Their numbers.
    std::vector<std::int64_t> order_due();
    // The next batch of an event's erasure; whoever goes on after a crash begins where it stopped.
    void sweep(std::int64_t erasure, std::uint32_t event);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
