// Makes an event anew in Redis from the ledger, and opens its door.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "../database.hpp"
#include "../ledger/cache_ledger.hpp"
#include "../ledger/ticket_records.hpp"
#include "../redis.hpp"
#include "../scans/scan_drain.hpp"

namespace mogiri::daemon {

class Rebuild {
  public:
    // All outlive this object. `progress` is told what is being done, and beats the watchdog.
    Rebuild(Redis& redis, Database& database, std::function<void(const std::string&)> progress)
        : redis_(redis), database_(database), cache_(database), records_(database), drain_(redis, database),
          progress_(std::move(progress)) {}

    // Why the event must be rebuilt; nothing when Redis holds at least what the ledger knows it to have held.
    // What only nginx's workers know to be lost, they tell by closing the mark.
    std::optional<std::string> reason(std::uint32_t event);

    // Under the event's advisory lock: closes the door, drains the scans that survive, writes settings,
    // tickets, totals and answers, and arms the next epoch. Does nothing when another daemon is at it, or has
    // done it meanwhile. Throws LostRedis, LostDatabase and refusals; the door stays closed then.
    void run(std::uint32_t event);

  private:
    void build(std::uint32_t event);
    void write_tickets(std::uint32_t event);
    void write_totals(std::uint32_t event);
    void write_answers(std::uint32_t event);
    void write_failures(std::uint32_t event);
    void tell(std::uint32_t event, const std::string& step);
    std::string mark(std::uint32_t event);

    Redis& redis_;
    Database& database_;
    CacheLedger cache_;
    TicketRecords records_;
    ScanDrain drain_;
    std::function<void(const std::string&)> progress_;
    std::chrono::steady_clock::time_point next_note_;
};

// Writes the settings to Redis unless it has them as new. Nothing when the event is gone.
void publish_settings(Redis& redis, Database& database, std::uint32_t event);

} // namespace mogiri::daemon
