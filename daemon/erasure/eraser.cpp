// Carries erasures to their end.
#include "eraser.hpp"

#include <redis_keys.hpp>

#include "../journal.hpp"
#include "../ledger/locks.hpp"
#include "../people/accounts.hpp"
#include "../people/sessions.hpp"
#include "aof_rewrite.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto between_looks = 10min;
constexpr const char* ids_a_step = "500";

} // namespace

Eraser::Eraser(const PostOffice& office, Pulse& pulse)
    : office_(office), pulse_(pulse), redis_(office.configuration().redis),
      database_(office.configuration().database, "mogirid eraser"), retention_(database_) {}

void Eraser::erase_until(const std::stop_token& stop) {
    database_.query("LISTEN mogiri_erasures");
    auto next_look = Clock::now();
    while (!stop.stop_requested()) {
        pulse_.beat();
        if (!is_ours()) {
            database_.wait_for_notifications(500ms);
            continue;
        }
        if (Clock::now() >= next_look) {
            order_due();
            next_look = Clock::now() + between_looks;
        }
        bool more = false;
        std::vector<Erasure> emptied;
        for (const Erasure& erasure : open()) {
            if (!erasure.is_swept) {
                // The door hears of one batch before the next one is begun.
                if (is_published(erasure)) {
                    retention_.sweep(erasure.number, erasure.event);
                    more = true;
                }
            } else if (is_published(erasure) && end_mails(erasure) && streams_were_empty(erasure)) {
                forget_rest(erasure);
                emptied.push_back(erasure);
            }
        }
        if (!emptied.empty()) {
            forget_pictures();
            if (!rewrite_aof(redis_, stop, pulse_))
                return;
            for (const Erasure& erasure : emptied) {
                database_.query("UPDATE erasure SET done_at = now() WHERE number = $1", {erasure.number});
                busy_.erase(erasure.number);
                journal::info("erasure " + std::to_string(erasure.number) + " is done, in Redis's files too");
            }
        }
        if (!more)
            database_.wait_for_notifications(200ms);
    }
}

bool Eraser::is_ours() {
    if (!is_ours_)
        is_ours_ = database_.query("SELECT pg_try_advisory_lock($1)", {locks::erasing})[0].truth(0);
    return is_ours_;
}

void Eraser::order_due() {
    act_as(database_, "mogirid:retention", "", "event.erase", true);
    for (const std::int64_t number : retention_.order_due())
        journal::info("erasure " + std::to_string(number) + " begins: an event's retention is over");
}

std::vector<Eraser::Erasure> Eraser::open() {
    std::vector<Erasure> list;
    for (Row row : database_.query("SELECT number, coalesce(event, 0), swept_at IS NOT NULL FROM erasure "
                                   "WHERE done_at IS NULL ORDER BY number"))
        list.push_back({row.number(0), static_cast<std::uint32_t>(row.number(1)), row.truth(2)});
    return list;
}

bool Eraser::is_published(const Erasure& erasure) {
    return database_
        .query("SELECT FROM cache_outbox WHERE kind = 'tickets' AND id <= (SELECT last_change FROM erasure "
               "WHERE number = $1) LIMIT 1",
               {erasure.number})
        .empty();
}

// A mail that was being delivered has ended, or its worker is gone: what became of it names nobody, and it is
// not tried again.
bool Eraser::end_mails(const Erasure& erasure) {
    database_.query(
        "UPDATE mail_outbox AS mail SET last_text = NULL, "
        "  state = CASE WHEN state IN ('pending', 'retry', 'unknown') THEN 'suppressed' ELSE state END, "
        "  ended_at = CASE WHEN state IN ('pending', 'retry', 'unknown') THEN now() ELSE ended_at END, "
        "  next_at = CASE WHEN state IN ('pending', 'retry', 'unknown') THEN NULL ELSE next_at END "
        "FROM erasure_rest AS rest WHERE rest.erasure = $1 AND rest.kind = 'mail' AND rest.id = message_id "
        "AND state <> 'sending' AND (last_text IS NOT NULL OR ended_at IS NULL)",
        {erasure.number});
    return database_
        .query("SELECT FROM mail_outbox JOIN erasure_rest AS rest ON rest.kind = 'mail' AND rest.id = "
               "message_id "
               "WHERE erasure = $1 AND state = 'sending' LIMIT 1",
               {erasure.number})
        .empty();
}

// A stream keeps what was deleted from it until the last entry beside it goes: once empty, it has nothing of
// then.
bool Eraser::streams_were_empty(const Erasure& erasure) {
    if (!busy_.contains(erasure.number)) {
        std::set<std::string>& busy = busy_[erasure.number];
        for (Row row : database_.query("SELECT number FROM event")) {
            const auto event = static_cast<std::uint32_t>(row.number(0));
            for (const std::string& stream :
                 {redis_keys::jobs(event), redis_keys::calls(event), redis_keys::logins(event)})
                busy.insert(stream);
        }
    }
    std::set<std::string>& busy = busy_[erasure.number];
    std::erase_if(busy, [&](const std::string& stream) {
        return redis_.command({"XLEN", stream}).integer() == 0;
    });
    return busy.empty();
}

void Eraser::forget_rest(const Erasure& erasure) {
    std::vector<Transport> transports; // a mail may have gone by any of them
    for (const Way& way : office_.ways())
        transports.push_back(office_.open_transport(way));
    for (bool more = true; more;) {
        more = false;
        pulse_.beat();
        std::vector<std::string> ids;
        Sessions sessions(redis_);
        for (Row row : database_.query("SELECT event, kind, id FROM erasure_rest WHERE erasure = $1 "
                                       "ORDER BY kind, event, id LIMIT $2::integer",
                                       {erasure.number, ids_a_step})) {
            more = true;
            const auto event = static_cast<std::uint32_t>(row.number(0));
            const std::string kind = row.string(1), id = row.string(2);
            ids.push_back(id);
            if (kind == "application")
                redis_.queue({"DEL", redis_keys::application(event, id)});
            else if (kind == "call")
                redis_.queue({"DEL", redis_keys::call(event, id)});
            else if (kind == "mail")
                for (Transport& transport : transports)
                    transport.forget(id);
            else {
                redis_.flush();
                sessions.end_all(std::stoll(id));
                redis_.command({"DEL", redis_keys::sessions_of(std::stoll(id))});
            }
        }
        redis_.flush();
        database_.query("DELETE FROM erasure_rest WHERE erasure = $1 AND id = ANY ($2::text[])",
                        {erasure.number, ids});
    }
}

// Answers that are fetched in pieces, tickets' pictures among them, live for a minute only.
void Eraser::forget_pictures() {
    std::string cursor = "0";
    do {
        pulse_.beat();
        const Reply found = redis_.command({"SCAN", cursor, "MATCH", "{*}:big:*", "COUNT", "1000"});
        cursor = found[0].string();
        for (std::size_t i = 0; i < found[1].size(); ++i)
            redis_.command({"DEL", found[1][i].text()});
    } while (cursor != "0");
}

} // namespace mogiri::daemon
