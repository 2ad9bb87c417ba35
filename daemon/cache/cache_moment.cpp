// What Redis and the ledger held of some tickets and totals at one moment.
#include "cache_moment.hpp"

#include <checkin.hpp>
#include <redis_keys.hpp>

#include <charconv>
#include <set>
#include <thread>

#include "../ledger/locks.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s; // for the drain to come as far as the log was

std::optional<std::string> text_of(ReplyView reply) {
    return reply.is_nil() ? std::nullopt : std::optional(reply.string());
}

// Of an entry of the log, whose first field has them.
std::optional<std::vector<LoggedScan>> scans_in(ReplyView entry) {
    const std::string_view scans = entry[1][1].text();
    return entry[1][0].text() == "f" ? decode_logged_scans(logged_first_entries(scans)) : decode_logged_scans(scans);
}

// "<ms>-<seq>", so that ids compare as Redis orders them.
std::pair<std::uint64_t, std::uint64_t> stream_id(std::string_view text) {
    std::uint64_t ms = 0, seq = 0;
    const std::size_t dash = text.find('-');
    std::from_chars(text.data(), text.data() + dash, ms);
    std::from_chars(text.data() + dash + 1, text.data() + text.size(), seq);
    return {ms, seq};
}

// While it lives nobody drains the event's log.
class DrainLock {
  public:
    DrainLock(Database& database, std::uint32_t event) : database_(database), event_(event) {
        database_.query("SELECT pg_advisory_lock($1, $2)", {locks::scan_drain, event_});
    }
    DrainLock(const DrainLock&) = delete;
    DrainLock& operator=(const DrainLock&) = delete;
    ~DrainLock() {
        try {
            database_.query("SELECT pg_advisory_unlock($1, $2)", {locks::scan_drain, event_});
        } catch (const std::exception&) {
            // The connection broke, and the lock with it.
        }
    }

  private:
    Database& database_;
    std::uint32_t event_;
};

} // namespace

void BothSides::catch_up(std::uint32_t event) {
    const std::string scans = redis_keys::scans(event);
    const Reply newest = redis_.command({"XREVRANGE", scans, "+", "-", "COUNT", "1"});
    if (newest.size() == 0)
        return;
    const auto last = stream_id(newest[0][0].text());
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const Reply oldest = redis_.command({"XRANGE", scans, "-", "+", "COUNT", "1"});
        if (oldest.size() == 0 || stream_id(oldest[0][0].text()) > last)
            return;
        if (std::chrono::steady_clock::now() > deadline)
            throw RefusedCommand("the scan log of event " + std::to_string(event) +
                                 " was not drained within 30 s: mogirictl doctor");
        if (!drain_.drain(event)) // mogirid is at it
            std::this_thread::sleep_for(5ms);
    }
}

// The ledger's snapshot is taken before Redis is asked and read afterwards, so that drains wait no longer
// than it takes to ask. The log at that moment holds what the snapshot does not.
CacheMoment BothSides::look(std::uint32_t event, const std::vector<std::uint64_t>& serials,
                            const std::vector<std::uint8_t>& days) {
    std::optional<DrainLock> lock(std::in_place, database_, event);
    Transaction transaction(database_);
    database_.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    std::set<std::uint64_t> moving;
    for (Row row :
         database_.query("SELECT DISTINCT unnest(coalesce(serials, ARRAY[serial])) FROM cache_outbox "
                         "WHERE event = $1 AND kind IN ('ticket', 'tickets')",
                         {event}))
        moving.insert(static_cast<std::uint64_t>(row.number(0)));
    redis_.queue({"MULTI"});
    redis_.queue({"XRANGE", redis_keys::scans(event), "-", "+"});
    for (const std::uint64_t serial : serials)
        redis_.queue({"GET", redis_keys::ticket(event, serial)});
    for (const std::uint8_t day : days)
        redis_.queue({"GET", redis_keys::totals(event, day)});
    redis_.queue({"EXEC"});
    const std::vector<Reply> answers = redis_.flush();
    const Reply& replies = answers.back();
    if (replies.is_error())
        throw RefusedCommand(replies.string());
    lock.reset();

    CacheMoment moment;
    for (std::size_t i = 0; i < serials.size(); ++i)
        moment.tickets[serials[i]].door = replies[1 + i].is_error() ? "" : text_of(replies[1 + i]);
    for (std::size_t i = 0; i < days.size(); ++i)
        moment.door_totals[days[i]] =
            replies[1 + serials.size() + i].is_error() ? "" : text_of(replies[1 + serials.size() + i]);
    for (LedgerTicket& ticket : records_.drained(event, serials))
        moment.tickets[ticket.serial].ledger = std::move(ticket.record);
    for (std::size_t i = 0; i < replies[0].size(); ++i)
        for (const LoggedScan& scan :
             scans_in(replies[0][i]).value_or(std::vector<LoggedScan>()))
            moving.insert(scan.serial);
    moment.moving.assign(moving.begin(), moving.end());
    if (!days.empty()) {
        moment.wanted_totals = ledger_totals(database_, event);
        moment.totals_known = true;
        for (std::size_t i = 0; i < replies[0].size(); ++i)
            add_undrained(event, moment, replies[0][i]);
    }
    transaction.commit();
    return moment;
}

// What the ledger would tell if this entry of the log were drained; nothing new when it is and was only not
// removed yet.
void BothSides::add_undrained(std::uint32_t event, CacheMoment& moment, ReplyView entry) {
    const auto [ms, seq] = stream_id(entry[0].text());
    if (!database_
             .query("SELECT FROM scan WHERE event = $1 AND stream_ms = $2 AND stream_seq = $3 LIMIT 1",
                    {event, ms, seq})
             .empty())
        return;
    const auto scans = scans_in(entry);
    if (!scans) {
        moment.totals_known = false;
        return;
    }
    for (const LoggedScan& scan : *scans) {
        DayTotals& totals = moment.wanted_totals[scan.day];
        if ((scan.flags & 2) != 0)
            continue;
        if (scan.outcome == CheckinOutcome::admitted) {
            ++totals.entered;
            ++totals.inside;
        } else if (scan.outcome == CheckinOutcome::exited) {
            ++totals.exited;
            --totals.inside;
        } else if (scan.outcome == CheckinOutcome::undone_entry) {
            --totals.entered;
            --totals.inside;
        } else if (scan.outcome == CheckinOutcome::undone_exit) {
            --totals.exited;
            ++totals.inside;
        } else if (scan.outcome == CheckinOutcome::given_back) {
            moment.totals_known = false; // it does not tell where it was taken off
        }
    }
}

} // namespace mogiri::daemon
