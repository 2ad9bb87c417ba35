// When each device was last seen at the door.
#include "device_sightings.hpp"

#include <algorithm>

#include <checkin.hpp>

namespace mogiri::daemon {

namespace {

constexpr auto pause = std::chrono::minutes(1);

} // namespace

void DeviceSightings::note(std::uint32_t event, const std::vector<ScanEntry>& entries) {
    for (const ScanEntry& entry : entries)
        if (const auto scans = decode_logged_scans(entry.scans))
            for (const LoggedScan& scan : *scans)
                if (scan.device != 0) { // no device gives admissions back
                    Sighting& seen = devices_[{event, scan.device}];
                    seen.at_ms = std::max(seen.at_ms, scan.time_ms);
                }
}

void DeviceSightings::write(Database& database, Clock::time_point now) {
    std::vector<std::uint32_t> events, numbers;
    std::vector<std::int64_t> times;
    std::vector<Sighting*> written;
    for (auto& [device, seen] : devices_)
        if (seen.at_ms > seen.written_ms && seen.due <= now) {
            events.push_back(device.first);
            numbers.push_back(device.second);
            times.push_back(seen.at_ms);
            written.push_back(&seen);
        }
    if (written.empty())
        return;
    database.query("UPDATE device SET last_seen_at = greatest(last_seen_at, to_timestamp(seen.at / 1000.0)) "
                   "FROM unnest($1::integer[], $2::integer[], $3::bigint[]) AS seen (event, number, at) "
                   "WHERE device.event = seen.event AND device.number = seen.number",
                   {events, numbers, times});
    for (Sighting* seen : written) {
        seen->written_ms = seen->at_ms;
        seen->due = now + pause;
    }
}

} // namespace mogiri::daemon
