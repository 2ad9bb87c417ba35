// The door's devices in the ledger.
#include "device_ledger.hpp"

#include <algorithm>
#include <cctype>

#include <base32.hpp>
#include <digest.hpp>

#include "locks.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::size_t code_bytes = 10;

// By what nobody knows without the master keys, so that it need not be kept to be shown again.
std::string claim_code(const MasterKeys& keys, std::uint8_t key_id, std::uint32_t event, std::int64_t device,
                       std::string_view ends_us) {
    const Digest digest =
        hmac_sha256(keys.derive("claim", event, key_id), std::to_string(device) + " " + std::string(ends_us));
    return base32_encode({digest.data(), code_bytes});
}

std::string hash_of(std::string_view secret) {
    return hex(sha256(secret));
}

std::string known_gates(const EventSettings& settings) {
    std::string known;
    for (const Gate& one : settings.gates)
        known += " " + one.id;
    return known;
}

const Gate& gate_of(const EventSettings& settings, std::string_view id) {
    if (const Gate* gate = settings.gate(id))
        return *gate;
    throw DeviceFault("gate", "not_in_list",
                      "the event has no gate \"" + std::string(id) + "\"; it has:" + known_gates(settings));
}

} // namespace

EventSettings DeviceLedger::settings_of(std::uint32_t event) {
    const Result events = database_.query("SELECT definition FROM event WHERE number = $1", {event});
    if (events.empty())
        throw std::invalid_argument("there is no event " + std::to_string(event));
    return EventSettings::parse(events[0].text(0));
}

void DeviceLedger::refuse_taken(std::uint32_t event, std::string_view name, std::int64_t apart_from) {
    if (!database_
             .query("SELECT FROM device WHERE event = $1 AND name = $2 AND revoked_at IS NULL AND number <> "
                    "$3",
                    {event, name, apart_from})
             .empty())
        throw DeviceFault("name", "taken",
                          "the event has a device \"" + std::string(name) +
                              "\" already; choose another name");
}

void DeviceLedger::owe_settings(std::uint32_t event) {
    database_.query("UPDATE event SET version = version + 1, updated_at = now() WHERE number = $1", {event});
    database_.query("INSERT INTO cache_outbox (event, kind) VALUES ($1, 'settings')", {event});
    database_.query("SELECT pg_notify('mogiri_cache', '')");
}

std::uint32_t DeviceLedger::add(std::uint32_t event, std::string_view name, std::string_view gate,
                                DeviceProfile profile, const std::optional<std::string>& key_hash) {
    Transaction transaction(database_);
    database_.query("SELECT pg_advisory_xact_lock($1)", {locks::events});
    const EventSettings settings = settings_of(event);
    const Gate& at = gate_of(settings, gate);
    refuse_taken(event, name, 0);
    const Result added = database_.query(
        "INSERT INTO device (event, number, name, gate, profile, key_hash) "
        "SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 FROM device WHERE event = "
        "$1 RETURNING number",
        {event, name, at.number, profile == DeviceProfile::scanner ? "scanner" : "supervisor", key_hash});
    if (key_hash)
        owe_settings(event);
    transaction.commit();
    return static_cast<std::uint32_t>(added[0].number(0));
}

std::optional<std::int64_t> DeviceLedger::lock(std::uint32_t event, std::int64_t number) {
    database_.query("SELECT pg_advisory_xact_lock($1)", {locks::events});
    const Result found = database_.query("SELECT version FROM device WHERE event = $1 AND number = $2 AND "
                                         "revoked_at IS NULL FOR UPDATE",
                                         {event, number});
    return found.empty() ? std::nullopt : std::optional(found[0].number(0));
}

void DeviceLedger::change(std::uint32_t event, std::int64_t number, const std::optional<std::string>& name,
                          const std::optional<std::string>& gate) {
    std::optional<std::uint16_t> at;
    if (gate)
        at = gate_of(settings_of(event), *gate).number;
    if (name)
        refuse_taken(event, *name, number);
    database_.query("UPDATE device SET name = coalesce($3, name), gate = coalesce($4, gate), version = "
                    "version + 1 WHERE event = $1 AND number = $2",
                    {event, number, name, at});
    owe_settings(event);
}

bool DeviceLedger::revoke(std::uint32_t event, std::int64_t number) {
    Transaction transaction(database_);
    if (!lock(event, number))
        return false;
    database_.query("UPDATE device SET revoked_at = now(), version = version + 1 WHERE event = $1 AND number "
                    "= $2",
                    {event, number});
    database_.query("DELETE FROM device_claim WHERE event = $1 AND device = $2", {event, number});
    owe_settings(event);
    transaction.commit();
    return true;
}

DeviceClaim DeviceLedger::invite(const MasterKeys& keys, std::uint32_t event, std::int64_t number) {
    // To the microsecond: no two codes of a device are the same.
    const Result ends =
        database_.query("SELECT (extract(epoch FROM at) * 1000000)::bigint::text, at::text, iso(at) "
                        "FROM (SELECT clock_timestamp() + interval '15 minutes' AS at) AS ends");
    const std::string code = claim_code(keys, keys.signing_key(), event, number, ends[0].text(0));
    database_.query("INSERT INTO device_claim AS claim (event, device, key_hash, ends_at) "
                    "VALUES ($1, $2, $3, $4::timestamptz) ON CONFLICT (event, device) "
                    "DO UPDATE SET key_hash = excluded.key_hash, ends_at = excluded.ends_at",
                    {event, number, hash_of(code), ends[0].text(1)});
    return {code, ends[0].string(2)};
}

std::optional<DeviceClaim> DeviceLedger::claim_of(const MasterKeys& keys, std::uint32_t event,
                                                  std::int64_t number) {
    for (Row row : database_.query("SELECT (extract(epoch FROM ends_at) * 1000000)::bigint::text, "
                                   "iso(ends_at), key_hash FROM device_claim "
                                   "WHERE event = $1 AND device = $2 AND ends_at > now()",
                                   {event, number}))
        for (const std::uint8_t key_id : keys.key_ids())
            if (std::string code = claim_code(keys, key_id, event, number, row.text(0));
                hash_of(code) == row.text(2))
                return DeviceClaim{std::move(code), row.string(1)};
    return std::nullopt;
}

std::optional<ClaimedDevice> DeviceLedger::claim(std::string_view code, const std::string& key_hash) {
    Transaction transaction(database_);
    database_.query("SELECT pg_advisory_xact_lock($1)", {locks::events});
    const Result used = database_.query("DELETE FROM device_claim WHERE key_hash = $1 AND ends_at > now() "
                                        "RETURNING event, device",
                                        {hash_of(typed_claim_code(code))});
    if (used.empty())
        return std::nullopt;
    const ClaimedDevice claimed{static_cast<std::uint32_t>(used[0].number(0)),
                                static_cast<std::uint32_t>(used[0].number(1))};
    database_.query("UPDATE device SET key_hash = $3, version = version + 1 WHERE event = $1 AND number = $2",
                    {claimed.event, claimed.number, key_hash});
    owe_settings(claimed.event);
    transaction.commit();
    return claimed;
}

std::string typed_claim_code(std::string_view typed) {
    std::string code;
    for (const unsigned char c : typed)
        if (c != '-' && c != ' ')
            code += static_cast<char>(std::toupper(c));
    return code;
}

std::string claim_url(const std::string& server_url, std::string_view slug, bool is_default,
                      std::string_view code) {
    return server_url + (is_default ? "" : "/e/" + std::string(slug)) + "/scan#claim=" + std::string(code);
}

} // namespace mogiri::daemon
