// The door's devices in the ledger: made, claimed with a code for one use, changed, revoked.
//
// Every change that the door must know raises the version of the event's settings and leaves a row in
// cache_outbox in the same transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <event_settings.hpp>
#include <master_keys.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

// A device's way to its key: 16 letters and digits, for one use, 15 minutes long. What is kept is its hash;
// the code itself can be spelled again with the master keys while it is good.
struct DeviceClaim {
    std::string code, ends_at; // ISO 8601
};

struct ClaimedDevice {
    std::uint32_t event = 0, number = 0;
};

// What is wrong with a field: "name", "taken"; "gate", "not_in_list".
class DeviceFault : public std::runtime_error {
  public:
    DeviceFault(std::string field, const std::string& code, std::string remedy)
        : std::runtime_error(code), field_(std::move(field)), remedy_(std::move(remedy)) {}
    const std::string& field() const { return field_; }
    const std::string& remedy() const { return remedy_; }

  private:
    std::string field_, remedy_;
};

class DeviceLedger {
  public:
    // `database` outlives this object.
    explicit DeviceLedger(Database& database) : database_(database) {}

    // Its number. `key_hash`: none for a device that is to be claimed. Throws DeviceFault.
    std::uint32_t add(std::uint32_t event, std::string_view name, std::string_view gate,
                      DeviceProfile profile, const std::optional<std::string>& key_hash);
    // Its version, under the lock of all that change events, until the transaction is over; nothing when the
    // event has none of that number that is not revoked.
    std::optional<std::int64_t> lock(std::uint32_t event, std::int64_t number);
    // In the transaction of lock(). Throws DeviceFault.
    void change(std::uint32_t event, std::int64_t number, const std::optional<std::string>& name,
                const std::optional<std::string>& gate);
    // False when the event has none of that number that is not revoked.
    bool revoke(std::uint32_t event, std::int64_t number);

    // A code in place of any earlier one. A key that the device has is good until the code is used.
    // Precondition: the device is there and not revoked.
    DeviceClaim invite(const MasterKeys& keys, std::uint32_t event, std::int64_t number);
    // The code that waits for the device; nothing when none does.
    std::optional<DeviceClaim> claim_of(const MasterKeys& keys, std::uint32_t event, std::int64_t number);
    // The device of the code gets the key, and the code is used up. Nothing when it is none of ours, used or
    // over.
    std::optional<ClaimedDevice> claim(std::string_view code, const std::string& key_hash);

  private:
    EventSettings settings_of(std::uint32_t event);
    void refuse_taken(std::uint32_t event, std::string_view name, std::int64_t apart_from);
    void owe_settings(std::uint32_t event);

    Database& database_;
};

// "abcd-efgh…" → "ABCDEFGH…", as people may type a claim code.
std::string typed_claim_code(std::string_view typed);
// "https://tickets.example.jp/scan#claim=…": the code behind '#' is sent to nobody and stands in no log.
std::string claim_url(const std::string& server_url, std::string_view slug, bool is_default,
                      std::string_view code);

} // namespace mogiri::daemon
