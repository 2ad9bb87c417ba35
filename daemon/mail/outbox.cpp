#include "outbox.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "../ledger/locks.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr int answers_that_may_be_lost = 1;

double chance() {
    thread_local std::mt19937 dice{std::random_device{}()};
    return std::uniform_real_distribution<double>()(dice);
}

} // namespace

std::chrono::milliseconds retry_delay(std::chrono::seconds first, int attempts, double chance) {
    const double base =
        std::min(static_cast<double>(first.count()) * std::exp2(std::clamp(attempts, 1, 20) - 1), 3600.0);
    return std::chrono::milliseconds(static_cast<std::int64_t>(1000 * base * (0.8 + 0.4 * chance)));
}

LeaseName::LeaseName(std::string name)
    : daemon(std::move(name)), process(std::to_string(std::random_device{}())) {}

LeaseName LeaseName::next(std::string daemon_now) const {
    LeaseName name = *this;
    name.daemon = std::move(daemon_now);
    ++name.shift;
    return name;
}

std::optional<OwedMail> Outbox::claim(const DueMail& due) {
    return turn({}, due).next;
}

Turn Outbox::finish(const OwedMail& mail, const Delivery& delivery, const std::optional<DueMail>& next) {
    Ending ending{mail, delivery, "", 0ms};
    switch (delivery.outcome) {
    case Outcome::accepted:
        ending.state = "sent";
        break;
    case Outcome::permanent:
        ending.state = "failed";
        break;
    case Outcome::stopped:
        ending.state = "pending";
        break;
    case Outcome::transient:
        ending.state = "retry";
        ending.wait = retry_delay(first_retry_, mail.attempts, chance());
        break;
    case Outcome::unknown:
        ending.state = mail.unknowns >= answers_that_may_be_lost ? "failed" : "unknown";
        ending.wait = retry_delay(first_retry_, 1, chance());
        break;
    }
    return turn(ending, next);
}

Turn Outbox::suppress(const OwedMail& mail, std::string_view why, const std::optional<DueMail>& next) {
    const Delivery none{Outcome::permanent, 0, 0s, std::string(why), {}};
    return turn(Ending{mail, none, "suppressed", 0ms}, next);
}

Turn Outbox::turn(const std::optional<Ending>& ending, const std::optional<DueMail>& due) {
    if (ending && due && ending->mail.id == due->row) { // of one row a statement does only one of the two
        Turn turn = this->turn(ending, std::nullopt);
        turn.next = claim(*due);
        return turn;
    }
    static const OwedMail no_mail;
    static const Delivery no_delivery;
    const OwedMail& mail = ending ? ending->mail : no_mail;
    const Delivery& delivery = ending ? ending->delivery : no_delivery;
    // A row in this worker's own name is one that it gave up half-way, when a server was lost. Where somebody
    // else has the row in hand, the sweep offers it again: nobody waits for a lock with another mail's end in
    // the same statement.
    const Result rows = database_.query(
        "WITH verdict AS ("
        "  SELECT id, CASE WHEN $4 = 'retry' AND created_at < now() - interval '48 hours' THEN 'failed' "
        "                  WHEN $4 = 'pending' AND attempts > 1 THEN 'retry' "
        "                  ELSE $4 END AS state FROM mail_outbox WHERE id = $1), "
        "ended AS ("
        "  UPDATE mail_outbox SET state = verdict.state, lease_by = NULL, lease_until = NULL, queued_at = "
        "NULL, "
        "         attempts = attempts - ($4 = 'pending')::integer, "
        "         unknowns = unknowns + $5::integer, "
        "         next_at = CASE WHEN verdict.state IN ('pending', 'retry', 'unknown') "
        "                        THEN now() + make_interval(secs => $6::bigint / 1000.0) END, "
        "         ended_at = CASE WHEN verdict.state IN ('sent', 'failed', 'suppressed') THEN now() END, "
        "         last_code = CASE WHEN $4 = 'pending' AND $8 = '' THEN last_code "
        "                          ELSE nullif($7::integer, 0) END, "
        "         last_text = coalesce(nullif($8, ''), last_text), "
        "         transport = coalesce(nullif($10, ''), transport), "
        "         provider_id = coalesce(nullif($9, ''), provider_id) "
        "  FROM verdict "
        "  WHERE mail_outbox.id = verdict.id AND mail_outbox.state = 'sending' AND lease_by = $2 "
        "    AND attempts = $3 "
        "  RETURNING mail_outbox.state), "
        "taken AS ("
        "  UPDATE mail_outbox SET state = 'sending', lease_by = $2, "
        "         lease_until = now() + make_interval(secs => $12), attempts = attempts + 1, next_at = NULL, "
        "         message_id = coalesce(message_id, $13) "
        "  WHERE id = (SELECT id FROM mail_outbox "
        "              WHERE id = $11 AND (state IN ('pending', 'retry', 'unknown') AND next_at <= now() "
        "                                  OR state = 'sending' AND (lease_until < now() OR lease_by = $2)) "
        "              FOR UPDATE SKIP LOCKED) "
        "  RETURNING event, application, kind, recipient, language, message_id, attempts, unknowns) "
        "SELECT ended.state, taken.* FROM (SELECT) AS turn LEFT JOIN ended ON true LEFT JOIN taken ON true",
        {ending ? std::optional(mail.id) : std::nullopt, holder_, mail.attempts,
         ending ? ending->state : std::string_view(), delivery.outcome == Outcome::unknown ? 1 : 0,
         ending ? ending->wait.count() : 0, delivery.code, delivery.text, delivery.provider_id,
         delivery.transport, due ? std::optional(due->row) : std::nullopt, lease_.count(),
         due ? due->message_id : std::string()});
    Turn turn;
    const Row row = rows[0];
    if (!row.is_null(0))
        turn.state = row.string(0);
    if (!row.is_null(1))
        turn.next = OwedMail{due->row,
                             static_cast<std::uint32_t>(row.number(1)),
                             row.string(2),
                             row.string(3),
                             row.string(4),
                             row.string(5),
                             row.string(6),
                             static_cast<int>(row.number(7)),
                             static_cast<int>(row.number(8))};
    return turn;
}

std::int64_t ForgottenMail::expire_leases() {
    if (!name_is_ours_)
        name_is_ours_ = database_
                            .query("SELECT pg_try_advisory_lock($1::integer, hashtext($2))",
                                   {locks::daemon_name, name_.daemon})[0]
                            .truth(0);
    // The first lost workers are made good at once; a mail that keeps killing them comes back ever later.
    return database_
        .query("UPDATE mail_outbox SET state = 'unknown', lease_by = NULL, lease_until = NULL, queued_at = "
               "NULL, "
               "       last_text = 'its worker was lost', "
               "       next_at = now() + CASE WHEN attempts > 9 THEN least(interval '30 s' * 2 ^ "
               "least(attempts - 9, 20), "
               "                                                           interval '1 h') ELSE interval '0' "
               "END "
               "WHERE state = 'sending' "
               "  AND (lease_until < now() OR $1 AND starts_with(lease_by, $2) AND NOT starts_with(lease_by, "
               "$3))",
               {name_is_ours_, name_.daemon + ":", name_.life()})
        .touched();
}

std::vector<std::int64_t> ForgottenMail::claim_for_stream(std::uint32_t event,
                                                          std::optional<std::chrono::milliseconds> oldest,
                                                          int most) {
    std::vector<std::int64_t> ids;
    const std::optional<std::int64_t> oldest_ms =
        oldest ? std::optional<std::int64_t>(oldest->count()) : std::nullopt;
    // Streams are read in order: a row that was put in before the oldest entry is no longer in it. The clocks
    // of PostgreSQL and Redis may differ a little.
    for (const Row row : database_.query(
             "UPDATE mail_outbox SET queued_at = now() WHERE id IN ("
             "  SELECT id FROM mail_outbox "
             "  WHERE event = $1 AND state IN ('pending', 'retry', 'unknown') AND next_at <= now() "
             "    AND (queued_at IS NULL OR queued_at < "
             "         coalesce(least(now(), to_timestamp($2::bigint / 1000.0)), now()) - interval '5 s') "
             "  ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED) "
             "RETURNING id",
             {event, oldest_ms, most}))
        ids.push_back(row.number(0));
    return ids;
}

} // namespace mogiri::daemon
