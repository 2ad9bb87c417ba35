// Takes the door's scans from Redis into the ledger, at most 200 ms behind it, one drainer per event at a
// time.
#include "scan_drain.hpp"

#include <crash_point.hpp>
#include <ready_mark.hpp>
#include <redis_keys.hpp>

#include <charconv>
#include <exception>

#include "../back_off.hpp"
#include "../cache/mark.hpp"
#include "../journal.hpp"
#include "../ledger/settings_book.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr const char* entries_a_step = "200";
constexpr auto rest = 50ms; // between looks

ScanEntry entry_of(ReplyView reply) {
    ScanEntry entry;
    const std::string_view id = reply[0].text();
    const std::size_t dash = id.find('-');
    std::from_chars(id.data(), id.data() + dash, entry.stream_ms);
    std::from_chars(id.data() + dash + 1, id.data() + id.size(), entry.stream_seq);
    for (std::size_t i = 0; i + 1 < reply[1].size(); i += 2)
        if (reply[1][i].text() == "s")
            entry.scans = reply[1][i + 1].string();
        else if (reply[1][i].text() == "f")
            entry.scans = logged_first_entries(reply[1][i + 1].text());
        else if (reply[1][i].text() == "n")
            entry.notes = decode_logged_notes(reply[1][i + 1].text());
    return entry;
}

} // namespace

bool ScanDrain::is_empty(std::uint32_t event) {
    return redis_.command({"XLEN", redis_keys::scans(event)}).integer() == 0;
}

bool ScanDrain::drain(std::uint32_t event) {
    return !is_empty(event) && step(event, false);
}

void ScanDrain::drain_empty(std::uint32_t event) {
    while (!is_empty(event))
        step(event, true);
}

// What is read is read under the lock, so that the epoch in the mark is the one these entries were made in.
// The mark's batch is noted with the scans: a Redis that comes back without them is then known to have lost
// time.
bool ScanDrain::step(std::uint32_t event, bool wait) {
    std::uint64_t epoch = 0;
    std::vector<ScanEntry> entries;
    try {
        Transaction transaction(database_);
        if (!ledger_.lock(event, wait))
            return false;
        std::uint64_t batch = 0;
        entries = read(event, epoch, batch);
        MOGIRI_CRASH_POINT("scans.read");
        ledger_.store(event, epoch, entries);
        cache_.note_batch(event, batch);
        MOGIRI_CRASH_POINT("scans.stored");
        transaction.commit();
        MOGIRI_CRASH_POINT("scans.committed");
    } catch (const RefusedStatement& refused) {
        if (!refused.blames_data())
            throw;
        store_singly(event, epoch, entries);
    }
    sightings_.note(event, entries);
    remove(event, entries);
    MOGIRI_CRASH_POINT("scans.removed");
    return !entries.empty();
}

// Both at one moment: no rebuild comes between the entries and the mark of their epoch.
std::vector<ScanEntry> ScanDrain::read(std::uint32_t event, std::uint64_t& epoch, std::uint64_t& batch) {
    redis_.queue({"MULTI"});
    redis_.queue({"XRANGE", redis_keys::scans(event), "-", "+", "COUNT", entries_a_step});
    redis_.queue({"GET", redis_keys::ready(event)});
    redis_.queue({"EXEC"});
    const std::vector<Reply> answers = redis_.flush();
    const Reply& replies = answers.back();
    if (replies.is_error() || replies[0].is_error())
        throw RefusedCommand(replies.is_error() ? replies.string() : replies[0].string());
    epoch = epoch_of_mark(replies[1].text()).value_or(cache_.state(event).epoch);
    if (const auto mark = decode_ready_mark(replies[1].text()))
        batch = mark->batch;
    std::vector<ScanEntry> entries;
    for (std::size_t i = 0; i < replies[0].size(); ++i)
        entries.push_back(entry_of(replies[0][i]));
    return entries;
}

void ScanDrain::store_singly(std::uint32_t event, std::uint64_t epoch,
                             const std::vector<ScanEntry>& entries) {
    for (const ScanEntry& entry : entries) {
        try {
            Transaction transaction(database_);
            ledger_.lock(event, true);
            ledger_.store(event, epoch, {entry});
            transaction.commit();
        } catch (const RefusedStatement& refused) {
            if (!refused.blames_data())
                throw;
            if (entry.scans.size() > logged_scan_size) {
                store_singly(event, epoch, scans_of(entry));
                continue;
            }
            journal::error("event " + std::to_string(event) + ": scan " + std::to_string(entry.place) +
                           " of entry " + std::to_string(entry.stream_ms) + "-" +
                           std::to_string(entry.stream_seq) + " set aside: " + refused.what());
            Transaction transaction(database_);
            ledger_.set_aside(event, epoch, entry);
            transaction.commit();
        }
    }
}

void ScanDrain::remove(std::uint32_t event, const std::vector<ScanEntry>& entries) {
    if (entries.empty())
        return;
    std::vector<std::string> command{"XDEL", redis_keys::scans(event)};
    for (const ScanEntry& entry : entries)
        command.push_back(std::to_string(entry.stream_ms) + "-" + std::to_string(entry.stream_seq));
    redis_.command(command);
}

void drain_scans(const Configuration& configuration, Pulse& pulse, const std::stop_token& stop) {
    Redis redis(configuration.redis);
    Database database(configuration.database, "mogirid scans");
    ScanDrain drain(redis, database);
    SettingsBook book;
    auto next_look = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
        pulse.beat();
        if (std::chrono::steady_clock::now() >= next_look) {
            book.refresh(database);
            next_look = std::chrono::steady_clock::now() + 1s;
        }
        bool more = false;
        // One event's trouble does not keep the others' scans back.
        std::exception_ptr trouble;
        for (std::uint32_t event : book.numbers()) {
            try {
                more = drain.drain(event) || more;
            } catch (const LostDatabase&) {
                throw;
            } catch (const LostRedis&) {
                throw;
            } catch (const std::exception&) {
                trouble = std::current_exception();
            }
        }
        drain.note_devices();
        if (trouble && !more)
            std::rethrow_exception(trouble);
        if (!more)
            pause(stop, rest);
    }
}

} // namespace mogiri::daemon
