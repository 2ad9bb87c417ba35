// Compares what Redis holds of an event with the ledger, and mends it.
#include "cache_check.hpp"

#include <checkin.hpp>
#include <ready_mark.hpp>
#include <redis_keys.hpp>
#include <ticket_record.hpp>

#include <algorithm>
#include <charconv>
#include <set>
#include <thread>

#include "../ledger/settings_document.hpp"
#include "settings_check.hpp"
#include "ticket_difference.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr int tickets_a_step = 1024;
constexpr std::size_t most_doubtful = 8192; // looked at again together
constexpr const char* keys_a_scan = "500";  // SCAN's own step: Redis serves the door between two
constexpr int most_looks = 60;
constexpr auto rest = 50ms; // between two looks

std::optional<std::string> text_of(ReplyView reply) {
    return reply.is_nil() ? std::nullopt : std::optional(reply.string());
}

// The number behind a key's last ':'.
std::optional<std::uint64_t> serial_of(std::string_view key) {
    key.remove_prefix(key.rfind(':') + 1);
    std::uint64_t serial = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), serial);
    return error == std::errc{} && end == key.data() + key.size() ? std::optional(serial) : std::nullopt;
}

std::string joined(const std::vector<std::string_view>& words) {
    std::string text;
    for (const std::string_view word : words)
        text.append(text.empty() ? "" : ",").append(word);
    return text;
}

} // namespace

CacheReport CacheCheck::run(std::uint32_t event) {
    event_ = event;
    report_ = {};
    doubtful_.clear();
    check_ready();
    if (report_.differences > 0)
        return report_;
    if (const auto difference = settings_difference(redis_, database_, event_, wish_.repair))
        note({"settings", 0, difference->what, difference->mended});
    check_tickets();
    check_extra();
    check_old_codes();
    check_totals();
    return report_;
}

CacheDifference* CacheCheck::note(CacheDifference difference) {
    ++report_.differences;
    report_.mended += difference.mended ? 1 : 0;
    if (report_.named.size() >= wish_.most_named)
        return nullptr;
    return &report_.named.emplace_back(std::move(difference));
}

// Of an event that is not built there is nothing to compare: mogirid is about to build it.
void CacheCheck::check_ready() {
    const auto mark = decode_ready_mark(redis_.command({"GET", redis_keys::ready(event_)}).text());
    if (!mark)
        note({"ready", 0, "missing"});
    else if (mark->epoch != cache_.state(event_).epoch)
        note({"ready", 0, "epoch"});
}

// --- tickets ---

void CacheCheck::check_tickets() {
    std::uint64_t last = 0;
    for (;;) {
        const std::vector<LedgerTicket> tickets = records_.after(event_, last, tickets_a_step);
        if (tickets.empty())
            break;
        compare(tickets);
        if (doubtful_.size() >= most_doubtful)
            resolve();
        last = tickets.back().serial;
        report_.tickets += tickets.size();
        progress_(std::to_string(report_.tickets) + " tickets compared");
    }
    resolve();
}

void CacheCheck::compare(const std::vector<LedgerTicket>& tickets) {
    std::vector<std::string> command{"MGET"};
    for (const LedgerTicket& ticket : tickets)
        command.push_back(redis_keys::ticket(event_, ticket.serial));
    const Reply found = redis_.command(command);
    for (std::size_t i = 0; i < tickets.size(); ++i) {
        if (tickets[i].record == found[i].text())
            continue;
        const auto door = decode_ticket_record(found[i].text());
        if (!door || !differences(decode_ticket_record(tickets[i].record).value(), *door).empty())
            doubtful_.push_back(tickets[i].serial);
    }
}

void CacheCheck::resolve() {
    std::map<std::uint64_t, TicketSight> before;
    std::set<std::uint64_t> waiting;
    for (int looks = 0; !doubtful_.empty() && looks < most_looks; ++looks) {
        if (looks > 0)
            std::this_thread::sleep_for(rest);
        both_.catch_up(event_);
        const CacheMoment moment = both_.look(event_, doubtful_, {});
        std::map<std::uint64_t, TicketSight> seen;
        waiting.clear();
        for (const auto& [serial, sight] : moment.tickets) {
            const auto door = sight.door ? decode_ticket_record(*sight.door) : std::nullopt;
            if (!sight.ledger ||
                (door && differences(decode_ticket_record(*sight.ledger).value(), *door).empty()))
                continue;
            const auto earlier = before.find(serial);
            if (std::ranges::binary_search(moment.moving, serial))
                waiting.insert(serial);
            else if (earlier != before.end() && earlier->second == sight) {
                judge(serial, sight);
                continue;
            }
            seen.emplace(serial, sight);
        }
        doubtful_.clear();
        for (const auto& [serial, sight] : seen)
            doubtful_.push_back(serial);
        before = std::move(seen);
        mend();
    }
    report_.waiting += waiting.size();
    report_.unsettled += doubtful_.size() - waiting.size();
    doubtful_.clear();
}

void CacheCheck::judge(std::uint64_t serial, const TicketSight& sight) {
    const TicketRecord ledger = decode_ticket_record(*sight.ledger).value();
    const auto door = sight.door ? decode_ticket_record(*sight.door) : std::nullopt;
    const std::string what = !sight.door ? "missing" : !door ? "damaged" : joined(differences(ledger, *door));
    const CacheDifference* named = note({"ticket", serial, what});
    if (!wish_.repair || (door && door->version > ledger.version))
        return;
    const TicketRecord wanted = door ? mended(ledger, *door) : ledger;
    mendings_.push_back({redis_keys::ticket(event_, serial), sight.door.value_or(""), encode(wanted),
                         named == nullptr ? std::nullopt : std::optional(report_.named.size() - 1),
                         differences(ledger, wanted).empty()});
}

// A ticket that was scanned since it was judged stays as it is; the next check finds it.
void CacheCheck::mend() {
    constexpr std::size_t at_once = 256;
    for (std::size_t first = 0; first < mendings_.size(); first += at_once) {
        const std::size_t end = std::min(first + at_once, mendings_.size());
        for (std::size_t i = first; i < end; ++i)
            redis_.queue({"FCALL", "mogiri_mend", "2", redis_keys::ready(event_), mendings_[i].key,
                          redis_.run_id(), mendings_[i].seen, mendings_[i].wanted});
        const std::vector<Reply> replies = redis_.flush();
        for (std::size_t i = first; i < end; ++i) {
            if (replies[i - first].is_error())
                throw RefusedCommand(replies[i - first].string());
            if (replies[i - first].integer() != 1 || !mendings_[i].whole)
                continue;
            ++report_.mended;
            if (mendings_[i].named)
                report_.named[*mendings_[i].named].mended = true;
        }
    }
    mendings_.clear();
}

// --- what Redis has and the ledger does not ---

void CacheCheck::check_extra() {
    const std::string pattern = "{" + std::to_string(event_) + "}:t:*";
    std::string cursor = "0";
    std::uint64_t looked_at = 0;
    do {
        const Reply step = redis_.command({"SCAN", cursor, "MATCH", pattern, "COUNT", keys_a_scan});
        cursor = step[0].string();
        std::map<std::uint64_t, std::string> found;
        for (std::size_t i = 0; i < step[1].size(); ++i)
            if (const auto serial = serial_of(step[1][i].text()))
                found.emplace(*serial, step[1][i].string());
        if (found.empty())
            continue;
        looked_at += found.size();
        Serials serials;
        for (const auto& [serial, key] : found)
            serials.push_back(serial);
        // A ticket is in the ledger before it is published.
        for (Row row : database_.query("SELECT wanted FROM unnest($2::bigint[]) AS wanted WHERE NOT EXISTS "
                                       "(SELECT FROM ticket WHERE event = $1 AND serial = wanted)",
                                       {event_, serials})) {
            const auto serial = static_cast<std::uint64_t>(row.number(0));
            const CacheDifference* named = note({"ticket", serial, "extra"});
            const std::string& key = found[serial];
            if (const auto value = text_of(redis_.command({"GET", key})); wish_.repair && value)
                mendings_.push_back(
                    {key, *value, "",
                     named == nullptr ? std::nullopt : std::optional(report_.named.size() - 1)});
        }
        mend();
        progress_(std::to_string(looked_at) + " tickets of Redis looked up");
    } while (cursor != "0");
}

void CacheCheck::check_old_codes() {
    std::string last;
    for (;;) {
        const Result rows =
            database_.query("SELECT digest, serial FROM old_code WHERE event = $1 AND digest > $2 "
                            "ORDER BY digest LIMIT $3",
                            {event_, last, tickets_a_step});
        if (rows.empty())
            return;
        std::vector<std::string> command{"MGET"};
        for (Row row : rows)
            command.push_back(redis_keys::old_code(event_, row.text(0)));
        const Reply found = redis_.command(command);
        for (int i = 0; i < rows.rows(); ++i) {
            const std::string serial = rows[i].string(1);
            const ReplyView value = found[static_cast<std::size_t>(i)];
            if (value.text() == serial)
                continue;
            const CacheDifference* named = note({"old_code", static_cast<std::uint64_t>(rows[i].number(1)),
                                                 value.is_nil() ? "missing" : "serial"});
            if (wish_.repair)
                mendings_.push_back(
                    {redis_keys::old_code(event_, rows[i].text(0)), value.string(), serial,
                     named == nullptr ? std::nullopt : std::optional(report_.named.size() - 1)});
        }
        mend();
        last = rows[rows.rows() - 1].string(0);
    }
}

// --- counters ---

void CacheCheck::check_totals() {
    std::vector<std::uint8_t> days;
    const auto document = settings_document(database_, event_);
    if (!document)
        return;
    for (const EventDay& day : EventSettings::parse(document->json).days)
        days.push_back(day.number);
    std::map<std::uint8_t, DayTotals> before; // what is missing in Redis
    std::set<std::uint8_t> damaged;
    bool settled = false;
    for (int looks = 0; !settled && looks < most_looks; ++looks) {
        if (looks > 0)
            std::this_thread::sleep_for(rest);
        both_.catch_up(event_);
        const CacheMoment moment = both_.look(event_, {}, days);
        if (!moment.totals_known)
            continue;
        std::map<std::uint8_t, DayTotals> missing;
        damaged.clear();
        for (const auto& [day, text] : moment.door_totals) {
            const auto found = decode_totals(text.value_or("0 0 0"));
            const auto wanted = moment.wanted_totals.find(day);
            const DayTotals ledger = wanted == moment.wanted_totals.end() ? DayTotals{} : wanted->second;
            if (!found)
                damaged.insert(day);
            else if (!(*found == ledger))
                missing[day] = {ledger.entered - found->entered, ledger.exited - found->exited,
                                ledger.inside - found->inside};
        }
        settled = looks > 0 && missing == before;
        before = std::move(missing);
    }
    for (const std::uint8_t day : damaged)
        note({"totals", day, "damaged"});
    if (!settled)
        return;
    for (const auto& [day, missing] : before) {
        CacheDifference difference{"totals", day, ""};
        std::vector<std::string_view> what;
        if (missing.entered != 0)
            what.push_back("entered");
        if (missing.exited != 0)
            what.push_back("exited");
        if (missing.inside != 0)
            what.push_back("inside");
        difference.what = joined(what);
        if (wish_.repair)
            difference.mended = redis_
                                    .command({"FCALL", "mogiri_mend_totals", "2", redis_keys::ready(event_),
                                              redis_keys::totals(event_, day), redis_.run_id(),
                                              std::to_string(missing.entered), std::to_string(missing.exited),
                                              std::to_string(missing.inside)})
                                    .integer() == 1;
        note(difference);
    }
}

} // namespace mogiri::daemon
