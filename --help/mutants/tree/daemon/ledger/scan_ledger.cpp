// The door's scans in the ledger: each exactly once, with the admissions and day states that follow from
// them.
#include "scan_ledger.hpp"

#include <deque>

#include "locks.hpp"

namespace mogiri::daemon {

namespace {

// `passed` are the scans that let somebody in or out, double reads apart (they repeat an answer), and
// admissions that were given back (3): ticket_day counts those that its `inside` knows of. A second admission
// with a number that is taken goes to scan_conflict; the day's state follows the log either way.
constexpr const char* store_scans = R"sql(
WITH fresh AS (
    INSERT INTO scan (event, epoch, stream_ms, stream_seq, place, serial, device, gate, direction, outcome, at, day,
                      cycle, inside, flags, nonce, drained_at)
    SELECT $1, $2, stream_ms, stream_seq, place, serial, device, gate, direction, outcome,
           to_timestamp(at / 1000.0), day, cycle, inside, flags, nonce, clock_timestamp()
    FROM unnest($3::bigint[], $4::bigint[], $5::integer[], $6::bigint[], $7::integer[], $8::integer[], $9::text[],
                $10::smallint[], $11::bigint[], $12::smallint[], $13::integer[], $14::smallint[], $15::smallint[],
                $16::bytea[])
         AS s (stream_ms, stream_seq, place, serial, device, gate, direction, outcome, at, day, cycle, inside, flags,
               nonce)
    ON CONFLICT DO NOTHING
    RETURNING *
), passed AS (
    SELECT * FROM fresh WHERE outcome IN (1, 2, 3) AND flags & 2 = 0
), admitted AS (
    INSERT INTO admission (event, serial, day, cycle, at, gate, device, epoch, stream_ms, stream_seq, place)
    SELECT event, serial, day, cycle, at, gate, device, epoch, stream_ms, stream_seq, place
    FROM passed WHERE outcome = 1 AND cycle > 0
    ORDER BY stream_ms, stream_seq, place
    ON CONFLICT DO NOTHING
    RETURNING stream_ms, stream_seq, place
), conflicting AS (
    INSERT INTO scan_conflict (event, epoch, stream_ms, stream_seq, place, serial, day, cycle, reason, gate, other_gate)
    SELECT p.event, p.epoch, p.stream_ms, p.stream_seq, p.place, p.serial, p.day, p.cycle, 'admitted_twice', p.gate,
           a.gate
    FROM passed p LEFT JOIN admission a USING (event, serial, day, cycle)
    WHERE p.outcome = 1
      AND NOT EXISTS (SELECT FROM admitted
                      WHERE (stream_ms, stream_seq, place) = (p.stream_ms, p.stream_seq, p.place))
    ON CONFLICT DO NOTHING
    RETURNING 1
), days AS (
    SELECT event, serial, day,
           (array_agg(inside ORDER BY stream_ms DESC, stream_seq DESC, place DESC))[1] AS inside,
           max(cycle) AS cycle,
           count(*) FILTER (WHERE outcome = 3) AS given_back,
           min(at) FILTER (WHERE outcome = 1 AND cycle = 1) AS first_at,
           min(gate) FILTER (WHERE outcome = 1 AND cycle = 1) AS first_gate,
           min(device) FILTER (WHERE outcome = 1 AND cycle = 1) AS first_device
    FROM passed GROUP BY event, serial, day
), kept AS (
    INSERT INTO ticket_day AS kept (event, serial, day, inside, cycle, first_at, first_gate, first_device, given_back,
                                    given_back_known)
    SELECT event, serial, day, inside, cycle, first_at, first_gate, first_device, given_back, given_back FROM days
    ORDER BY event, serial, day
    ON CONFLICT (event, serial, day) DO UPDATE
    SET inside = excluded.inside,
        cycle = greatest(kept.cycle, excluded.cycle),
        given_back_known = least(kept.given_back, kept.given_back_known + excluded.given_back),
        first_at = coalesce(kept.first_at, excluded.first_at),
        first_gate = coalesce(kept.first_gate, excluded.first_gate),
        first_device = coalesce(kept.first_device, excluded.first_device)
    RETURNING 1
), alarmed AS (
    INSERT INTO alert (kind, subject, text)
    SELECT 'scan_conflict', 'event ' || $1::integer, 'a ticket was admitted twice; see scan_conflict'
    WHERE EXISTS (SELECT FROM conflicting)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM kept), (SELECT count(*) FROM alarmed)
)sql";

} // namespace

std::vector<ScanEntry> scans_of(const ScanEntry& entry) {
    std::vector<ScanEntry> scans;
    std::size_t at = 0;
    do {
        scans.push_back({entry.stream_ms, entry.stream_seq, entry.scans.substr(at, logged_scan_size),
                         entry.place + static_cast<std::uint32_t>(at / logged_scan_size)});
        at += logged_scan_size;
    } while (at < entry.scans.size());
    return scans;
}

bool ScanLedger::lock(std::uint32_t event, bool wait) {
    if (!wait)
        return database_.query("SELECT pg_try_advisory_xact_lock($1, $2)", {locks::scan_drain, event})[0]
            .truth(0);
    database_.query("SELECT pg_advisory_xact_lock($1, $2)", {locks::scan_drain, event});
    return true;
}

std::int64_t ScanLedger::store(std::uint32_t event, std::uint64_t epoch,
                               const std::vector<ScanEntry>& entries) {
    std::vector<std::int64_t> stream_ms, stream_seq, at;
    std::vector<std::uint64_t> serials;
    std::vector<std::uint32_t> places, devices;
    std::vector<std::uint16_t> gates, cycles;
    std::vector<std::string> directions;
    std::vector<int> outcomes, days, insides, flags;
    std::vector<Bytes> nonces;
    std::deque<LoggedScan> decoded; // the nonces point into it
    for (const ScanEntry& entry : entries) {
        for (const ScanEntry& one : scans_of(entry)) {
            const auto scans = decode_logged_scans(one.scans);
            if (!scans || scans->empty()) {
                set_aside(event, epoch, one);
                continue;
            }
            const LoggedScan& scan = decoded.emplace_back(scans->front());
            stream_ms.push_back(one.stream_ms);
            stream_seq.push_back(one.stream_seq);
            places.push_back(one.place);
            serials.push_back(scan.serial);
            devices.push_back(scan.device);
            gates.push_back(scan.gate);
            directions.emplace_back(scan.direction == Direction::entry ? "entry" : "exit");
            outcomes.push_back(static_cast<int>(scan.outcome));
            at.push_back(scan.time_ms);
            days.push_back(scan.day);
            cycles.push_back(scan.cycle);
            insides.push_back(scan.inside);
            flags.push_back(scan.flags);
            nonces.push_back({scan.nonce_digest});
        }
    }
    if (places.empty())
        return 0;
    return database_
        .query(store_scans, {event, epoch, stream_ms, stream_seq, places, serials, devices, gates, directions,
                             outcomes, at, days, cycles, insides, flags, nonces})[0]
        .number(0);
}

void ScanLedger::settle(std::uint32_t event) {
    database_.query(
        "UPDATE ticket_day SET inside = greatest(inside - (given_back - given_back_known), 0), "
        "       given_back = least(given_back, cycle), given_back_known = least(given_back, cycle) "
        "WHERE event = $1 AND given_back > given_back_known",
        {event});
}

void ScanLedger::set_aside(std::uint32_t event, std::uint64_t epoch, const ScanEntry& entry) {
    database_.query(
        "INSERT INTO scan_conflict (event, epoch, stream_ms, stream_seq, place, serial, day, cycle, reason, "
        "                           gate, unreadable) "
        "VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 'unreadable', 0, $6) ON CONFLICT DO NOTHING",
        {event, epoch, entry.stream_ms, entry.stream_seq, entry.place, Bytes{entry.scans}});
    database_.query("INSERT INTO alert (kind, subject, text) "
                    "VALUES ('scan_conflict', $1, 'a scan in the log could not be read; see scan_conflict') "
                    "ON CONFLICT DO NOTHING",
                    {"event " + std::to_string(event)});
}

} // namespace mogiri::daemon
