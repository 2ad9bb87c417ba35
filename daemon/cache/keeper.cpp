// Keeps Redis fit for the door: functions loaded, groups made, events rebuilt when Redis lost them.
#include "keeper.hpp"

#include <crash_point.hpp>
#include <ready_mark.hpp>
#include <redis_keys.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "../back_off.hpp"
#include "../journal.hpp"
#include "mark.hpp"
#include "readiness.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

std::int64_t leading_number(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// Of a stream's first entry, as XRANGE tells it.
std::int64_t age_ms(const Reply& first, std::int64_t now_ms) {
    return first.size() > 0 ? std::max<std::int64_t>(now_ms - leading_number(first[0][0].text()), 0) : 0;
}

std::string in_seconds(std::int64_t milliseconds) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f s", static_cast<double>(milliseconds) / 1000);
    return text.data();
}

} // namespace

Keeper::Keeper(const Configuration& configuration, Pulse& pulse, StatusLine& status)
    : pulse_(pulse), status_(status), redis_(configuration.redis),
      database_(configuration.database, "mogirid keeper"), cache_(database_),
      rebuild_(redis_, database_,
               [this](const std::string& step) {
                   pulse_.beat();
                   status_.set(name, "rebuilding: " + step);
                   const auto now = std::chrono::steady_clock::now();
                   if (now >= next_step_logged_) {
                       journal::info("rebuilding: " + step);
                       next_step_logged_ = now + 1s;
                   }
               }),
      memory_(redis_, database_) {}

void Keeper::keep(const std::stop_token& stop) {
    // Statements of a rebuild go over many rows.
    database_.set_statement_timeout(20s);
    // A keeper that is stopped must not keep the rebuild from the others: its lock belongs to the session.
    database_.query("SELECT set_config('idle_session_timeout', '30000', false)");
    if (is_durable())
        replace_functions();
    while (!stop.stop_requested()) {
        pulse_.beat();
        look();
        pause(stop, 500ms);
    }
}

void Keeper::look() {
    book_.refresh(database_);
    if (is_durable()) {
        provide_functions();
        for (std::uint32_t event : book_.numbers()) {
            if (rebuild_.reason(event))
                rebuild_.run(event);
            note_batch(event);
        }
    }
    tell_status();
}

bool Keeper::is_durable() {
    std::string wrong;
    for (const std::string& setting : undurable_settings(redis_))
        wrong += (wrong.empty() ? "" : "; ") + setting;
    if (wrong == undurable_)
        return wrong.empty();
    undurable_ = wrong;
    if (wrong.empty()) {
        database_.query(
            "UPDATE alert SET cleared_at = now() WHERE kind = 'redis_settings' AND cleared_at IS NULL");
        return true;
    }
    journal::error("Redis may lose what it acknowledged and is not made ready: " + wrong);
    database_.query("INSERT INTO alert (kind, subject, text) VALUES ('redis_settings', 'redis', $1) "
                    "ON CONFLICT DO NOTHING",
                    {wrong});
    return false;
}

// Those of another version. Records of another layout are rebuilt from the ledger, for which every event is closed first.
void Keeper::replace_functions() {
    const LibraryState found = library_state(redis_);
    if (found != LibraryState::other_version && found != LibraryState::other_layout)
        return;
    if (found == LibraryState::other_layout) {
        book_.refresh(database_);
        close_all();
    }
    journal::info("loading this version's functions into Redis");
    load_library(redis_);
}

// Without functions nothing reaches the door. Whether data went with them is not known, so every event is
// rebuilt.
void Keeper::provide_functions() {
    if (has_library(redis_))
        return;
    close_all();
    MOGIRI_CRASH_POINT("keeper.all_closed");
    journal::info("loading the functions into Redis");
    load_library(redis_);
    MOGIRI_CRASH_POINT("keeper.functions_loaded");
}

void Keeper::close_all() {
    for (std::uint32_t event : book_.numbers()) {
        const std::string key = redis_keys::ready(event);
        if (const auto epoch = epoch_of_mark(redis_.command({"GET", key}).text()))
            redis_.command({"SET", key, closed_mark(*epoch)});
    }
}

// So that a Redis which comes back with less is known to have lost time. One that restarted is judged by it.
void Keeper::note_batch(std::uint32_t event) {
    const std::string key = redis_keys::ready(event);
    const auto mark = decode_ready_mark(redis_.command({"GET", key}).text());
    if (!mark)
        return;
    if (mark->run_id != redis_.run_id()) {
        const std::uint64_t noted = cache_.state(event).batch;
        redis_.command({"FCALL", "mogiri_rearm", "1", key, redis_.run_id(),
                        std::to_string(std::max<std::uint64_t>(noted, 1))}); // 0 would be: I remember none
    }
    cache_.note_batch(event, mark->batch);
    MOGIRI_CRASH_POINT("keeper.batch_noted");
}

void Keeper::tell_status() {
    const RedisMemory memory = memory_.look();
    const std::string fullness = memory.is_half_full() ? ", Redis's memory fills: " + memory.text() : "";
    std::size_t ready = 0;
    std::int64_t jobs = 0, scans = 0, oldest_job_ms = 0, oldest_scan_ms = 0;
    const Reply time = redis_.command({"TIME"});
    const std::int64_t now_ms = leading_number(time[0].text()) * 1000 + leading_number(time[1].text()) / 1000;
    for (std::uint32_t event : book_.numbers()) {
        redis_.queue({"GET", redis_keys::ready(event)});
        redis_.queue({"XLEN", redis_keys::jobs(event)});
        redis_.queue({"XLEN", redis_keys::scans(event)});
        redis_.queue({"XRANGE", redis_keys::jobs(event), "-", "+", "COUNT", "1"});
        redis_.queue({"XRANGE", redis_keys::scans(event), "-", "+", "COUNT", "1"});
        const std::vector<Reply> replies = redis_.flush();
        if (decode_ready_mark(replies[0].text()))
            ++ready;
        jobs += replies[1].integer();
        scans += replies[2].integer();
        oldest_job_ms = std::max(oldest_job_ms, age_ms(replies[3], now_ms));
        oldest_scan_ms = std::max(oldest_scan_ms, age_ms(replies[4], now_ms));
    }
    status_.set(name, std::to_string(ready) + " of " + std::to_string(book_.numbers().size()) +
                          " events ready, " + std::to_string(jobs) + " applications waiting (oldest " +
                          in_seconds(oldest_job_ms) + "), " + std::to_string(scans) +
                          " scan entries to drain (oldest " + in_seconds(oldest_scan_ms) + ")" + fullness);
}

} // namespace mogiri::daemon
