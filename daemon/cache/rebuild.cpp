// Makes an event anew in Redis from the ledger, and opens its door.
#include "rebuild.hpp"

#include <apply_job.hpp>
#include <checkin.hpp>
#include <crash_point.hpp>
#include <live_counters.hpp>
#include <redis_keys.hpp>
#include <ticket_record.hpp>

#include <algorithm>
#include <map>

#include "../journal.hpp"
#include "../ledger/day_totals.hpp"
#include "../ledger/scan_ledger.hpp"
#include "../ledger/settings_document.hpp"
#include "../road/job_stream.hpp"
#include "mark.hpp"
#include "old_codes.hpp"
#include "publish_command.hpp"
#include "readiness.hpp"
#include "rebuild_lock.hpp"

namespace mogiri::daemon {

namespace {

constexpr int tickets_a_step = 4096;
constexpr int answers_a_step = 1000;

void check(const std::vector<Reply>& replies) {
    for (const Reply& reply : replies)
        if (reply.is_error())
            throw RefusedCommand(reply.string());
}

} // namespace

void publish_settings(Redis& redis, Database& database, std::uint32_t event) {
    const auto document = settings_document(database, event);
    if (!document)
        return;
    redis.command({"FCALL", "mogiri_publish_settings", "3", redis_keys::ready(event),
                   redis_keys::settings(event), redis_keys::events, std::to_string(document->version),
                   document->json, events_document(database), redis_keys::settings_channel,
                   std::to_string(event), redis.run_id()});
}

// The watchdog hears of every step; who asks the ledger, of two in a second.
void Rebuild::tell(std::uint32_t event, const std::string& step) {
    progress_(step);
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_note_) {
        cache_.note_rebuild(event, step);
        next_note_ = now + std::chrono::milliseconds(500);
    }
}

std::string Rebuild::mark(std::uint32_t event) {
    return redis_.command({"GET", redis_keys::ready(event)}).string();
}

// The ledger is asked first: what it knows of Redis can only be less than what Redis holds a moment later.
std::optional<std::string> Rebuild::reason(std::uint32_t event) {
    const CacheState known = cache_.state(event);
    return reason_to_rebuild(mark(event), known);
}

void Rebuild::run(std::uint32_t event) {
    const RebuildLock lock(database_, event);
    if (!lock.held())
        return;
    const auto why = reason(event);
    if (!why)
        return;
    journal::warn("event " + std::to_string(event) + ": rebuilding in Redis, the door is closed: " + *why);
    build(event);
}

void Rebuild::build(std::uint32_t event) {
    const std::string& run_id = redis_.run_id();
    // The mark is closed before anything else, so that nobody writes what would be missed; its epoch stays
    // readable for the scans that survive.
    const std::uint64_t old_epoch = epoch_of_mark(mark(event)).value_or(cache_.state(event).epoch);
    redis_.command({"SET", redis_keys::ready(event), closed_mark(old_epoch)});
    MOGIRI_CRASH_POINT("rebuild.closed");
    tell(event, "draining the scans that survive");
    drain_.drain_empty(event);
    MOGIRI_CRASH_POINT("rebuild.drained");
    ScanLedger(database_).settle(event);
    ensure_group(redis_, redis_keys::jobs(event), redis_keys::road_group);
    ensure_group(redis_, redis_keys::calls(event), redis_keys::calls_group);
    ensure_group(redis_, redis_keys::logins(event), redis_keys::logins_group);
    ensure_group(redis_, redis_keys::exports(event), redis_keys::exports_group);
    ensure_group(redis_, redis_keys::mail(event), redis_keys::mail_group);
    const std::uint64_t epoch = cache_.raise_epoch(event, old_epoch);
    MOGIRI_CRASH_POINT("rebuild.epoch_raised");
    publish_settings(redis_, database_, event);
    MOGIRI_CRASH_POINT("rebuild.settings_written");
    write_tickets(event);
    write_old_codes(redis_, database_, event);
    write_totals(event);
    write_live_counters(event);
    write_offline_scans(event);
    MOGIRI_CRASH_POINT("rebuild.totals_written");
    write_answers(event);
    write_failures(event);
    MOGIRI_CRASH_POINT("rebuild.filled");
    redis_.command({"FCALL", "mogiri_arm", "2", redis_keys::ready(event), redis_keys::settings(event), run_id,
                    std::to_string(epoch)});
    MOGIRI_CRASH_POINT("rebuild.armed");
    cache_.note_rebuild(event, "");
    journal::info("event " + std::to_string(event) + ": ready in epoch " + std::to_string(epoch));
}

void Rebuild::write_tickets(std::uint32_t event) {
    const std::string all =
        database_.query("SELECT count(*) FROM ticket WHERE event = $1", {event})[0].string(0);
    std::size_t done = 0;
    for (auto tickets = records_.after(event, 0, tickets_a_step); !tickets.empty();) {
        for (std::size_t i = 0; i < tickets.size();) {
            PublishCommand command(event, PublishMode::replace);
            for (; i < tickets.size() && !command.full(); ++i)
                command.add(tickets[i].serial, tickets[i].record);
            redis_.queue(command.words(redis_.run_id()));
        }
        redis_.send();
        done += tickets.size();
        tickets = records_.after(event, tickets.back().serial, tickets_a_step); // while Redis takes these in
        check(redis_.flush());
        MOGIRI_CRASH_POINT("rebuild.tickets_half_written");
        tell(event, std::to_string(done) + " of " + all + " tickets written");
    }
}

void Rebuild::write_totals(std::uint32_t event) {
    for (const auto& [day, totals] : ledger_totals(database_, event))
        redis_.command({"SET", redis_keys::totals(event, day), encode(totals)});
}

// Counted from the log as functions/4_live_counters.lua counts scan by scan.
void Rebuild::write_live_counters(std::uint32_t event) {
    std::map<std::uint8_t, LiveCounters> days;
    for (Row row :
         database_.query("SELECT day, gate, outcome, count(*) FROM scan "
                         "WHERE event = $1 AND flags & 2 = 0 AND outcome <= 18 GROUP BY day, gate, outcome",
                         {event})) {
        LiveCounters& day = days[static_cast<std::uint8_t>(row.number(0))];
        const auto gate = static_cast<std::uint16_t>(row.number(1));
        const auto outcome = static_cast<CheckinOutcome>(row.number(2));
        const auto count = static_cast<std::uint32_t>(row.number(3));
        if (outcome == CheckinOutcome::admitted || outcome == CheckinOutcome::exited) {
            auto of_gate = std::ranges::find(day.gates, gate, &GateCount::gate);
            if (of_gate == day.gates.end())
                of_gate = day.gates.insert(day.gates.end(), {gate, 0, 0});
            (outcome == CheckinOutcome::admitted ? of_gate->entered : of_gate->exited) += count;
        } else if (outcome == CheckinOutcome::undone_exit) {
            day.undone_exits += count;
        } else if (is_refusal(outcome)) {
            day.refused[static_cast<std::size_t>(outcome) - LiveCounters::first_refusal] += count;
        } else {
            day.undone_entries += count;
        }
    }
    for (Row row :
         database_.query("SELECT day, floor(extract(epoch FROM at) / 60)::bigint AS minute, count(*) "
                         "FROM scan WHERE event = $1 AND outcome NOT IN (3, 4, 5, 21) "
                         "GROUP BY day, minute ORDER BY day, minute DESC",
                         {event})) {
        LiveCounters& day = days[static_cast<std::uint8_t>(row.number(0))];
        if (day.minute == 0)
            day.minute = row.number(1);
        if (const std::int64_t ago = day.minute - row.number(1);
            ago < static_cast<std::int64_t>(day.scans.size()))
            day.scans[static_cast<std::size_t>(ago)] = static_cast<std::uint32_t>(row.number(2));
    }
    for (const auto& [day, counters] : days)
        redis_.command({"SET", redis_keys::live(event, day), encode(counters)});
}

// Of these a whole batch may be repeated, however much of it was one ticket's.
void Rebuild::write_offline_scans(std::uint32_t event) {
    for (Row row : database_.query(
             "SELECT device, nonce, (extract(epoch FROM at) * 1000)::bigint, outcome, direction, day, cycle, "
             "       greatest(coalesce(allowance, 1) - inside, 0), "
             "       ceil(extract(epoch FROM at + interval '7 days' - now()))::bigint, serial "
             "FROM scan JOIN ticket USING (event, serial) LEFT JOIN LATERAL "
             "     (SELECT (about->>'allowance')::integer AS allowance FROM event, "
             "             jsonb_array_elements(definition->'kind') AS one (about) "
             "      WHERE number = scan.event AND about->>'id' = ticket.kind) AS of_kind ON true "
             "WHERE event = $1 AND flags & 32 <> 0 AND outcome <> 10 AND at > now() - interval '7 days'",
             {event})) {
        const std::string nonce = row.bytes(1);
        const auto device = static_cast<std::uint32_t>(row.number(0));
        redis_.queue(
            {"SET", redis_keys::offline_scan(event, static_cast<std::uint64_t>(row.number(9)), device, nonce),
             encode(TicketScan{device, nonce, row.number(2), static_cast<std::uint8_t>(row.number(3)),
                               row.text(4) == "entry" ? 'E' : 'X', static_cast<std::uint8_t>(row.number(5)),
                               static_cast<std::uint8_t>(row.number(7)),
                               static_cast<std::uint16_t>(row.number(6))}),
             "EX", std::to_string(std::max<std::int64_t>(row.number(8), 1))});
    }
    check(redis_.flush());
}

// The answers of the last days, for repeated submissions and for status addresses. What Redis still has
// stays.
void Rebuild::write_answers(std::uint32_t event) {
    std::string last;
    std::size_t done = 0;
    for (;;) {
        const Result rows = database_.query(
            "SELECT id, body_hash, coalesce(code, 'issued'), tickets, "
            "       ceil(extract(epoch FROM decided_at + interval '7 days' - now()))::bigint, version "
            "FROM application WHERE event = $1 AND id > $2 AND decided_at > now() - interval '7 days' "
            "ORDER BY id LIMIT $3",
            {event, last, answers_a_step});
        if (rows.empty())
            return;
        for (Row row : rows) {
            last = row.string(0);
            const Answer answer{last, decision_of(row.text(2)).value_or(Decision::failed), row.number(3),
                                row.number(5)};
            redis_.queue({"SET", redis_keys::application(event, last), row.string(1) + encode(answer), "NX",
                          "EX", std::to_string(std::max<std::int64_t>(row.number(4), 1))});
        }
        check(redis_.flush());
        done += static_cast<std::size_t>(rows.rows());
        tell(event, std::to_string(done) + " answers written");
    }
}

// Those who were given up have no row in `application`; what they were told stands in their dead letters.
void Rebuild::write_failures(std::uint32_t event) {
    for (Row row : database_.query(
             "SELECT application, payload FROM dead_letter WHERE event = $1 AND application <> '' "
             "AND resolved_at IS NULL AND buried_at > now() - interval '7 days'",
             {event})) {
        const Answer answer{row.string(0), Decision::failed, 0};
        redis_.queue({"SET", redis_keys::application(event, answer.application),
                      decode_apply_job(row.bytes(1)).body_hash + encode(answer), "NX", "EX",
                      std::string(answer_life_s)});
    }
    check(redis_.flush());
}

} // namespace mogiri::daemon
