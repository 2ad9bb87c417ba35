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

std::optional<OwedMail> Outbox::claim(std::int64_t id, std::string_view message_id) {
    // A row in this worker's own name is one that it gave up half-way, when a server was lost.
    const Result rows = database_.query(
        "UPDATE mail_outbox SET state = 'sending', lease_by = $2, lease_until = now() + make_interval(secs "
        "=> $3), "
        "       attempts = attempts + 1, next_at = NULL, message_id = coalesce(message_id, $4) "
        "WHERE id = $1 AND (state IN ('pending', 'retry', 'unknown') AND next_at <= now() "
        "                   OR state = 'sending' AND (lease_until < now() OR lease_by = $2)) "
        "RETURNING event, application, kind, recipient, language, message_id, attempts, unknowns",
        {id, holder_, lease_.count(), message_id});
    if (rows.empty())
        return std::nullopt;
    const Row row = rows[0];
    return OwedMail{id,
                    static_cast<std::uint32_t>(row.number(0)),
                    row.string(1),
                    row.string(2),
                    row.string(3),
                    row.string(4),
                    row.string(5),
                    static_cast<int>(row.number(6)),
                    static_cast<int>(row.number(7))};
}

std::optional<std::string> Outbox::finish(const OwedMail& mail, const Delivery& delivery) {
    switch (delivery.outcome) {
    case Outcome::accepted:
        return end(mail, "sent", 0ms, delivery);
    case Outcome::permanent:
        return end(mail, "failed", 0ms, delivery);
    case Outcome::stopped:
        return end(mail, "pending", 0ms, delivery);
    case Outcome::transient:
        return end(mail, "retry", retry_delay(first_retry_, mail.attempts, chance()), delivery);
    case Outcome::unknown:
        break;
    }
    return end(mail, mail.unknowns >= answers_that_may_be_lost ? "failed" : "unknown",
               retry_delay(first_retry_, 1, chance()), delivery);
}

std::optional<std::string> Outbox::suppress(const OwedMail& mail, std::string_view why) {
    return end(mail, "suppressed", 0ms, {Outcome::permanent, 0, 0s, std::string(why), {}});
}

std::optional<std::string> Outbox::end(const OwedMail& mail, std::string_view state,
                                       std::chrono::milliseconds wait, const Delivery& delivery) {
    const Result rows = database_.query(
        "WITH verdict AS ("
        "  SELECT id, CASE WHEN $4 = 'retry' AND created_at < now() - interval '48 hours' THEN 'failed' "
        "                  WHEN $4 = 'pending' AND attempts > 1 THEN 'retry' "
        "                  ELSE $4 END AS state FROM mail_outbox WHERE id = $1) "
        "UPDATE mail_outbox SET state = verdict.state, lease_by = NULL, lease_until = NULL, queued_at = "
        "NULL, "
        "       attempts = attempts - ($4 = 'pending')::integer, "
        "       unknowns = unknowns + $5::integer, "
        "       next_at = CASE WHEN verdict.state IN ('pending', 'retry', 'unknown') "
        "                      THEN now() + make_interval(secs => $6::bigint / 1000.0) END, "
        "       ended_at = CASE WHEN verdict.state IN ('sent', 'failed', 'suppressed') THEN now() END, "
        "       last_code = CASE WHEN $4 = 'pending' AND $8 = '' THEN last_code ELSE nullif($7::integer, 0) "
        "END, "
        "       last_text = coalesce(nullif($8, ''), last_text), "
        "       transport = coalesce(nullif($10, ''), transport), provider_id = coalesce(nullif($9, ''), "
        "provider_id) "
        "FROM verdict "
        "WHERE mail_outbox.id = verdict.id AND mail_outbox.state = 'sending' AND lease_by = $2 AND attempts "
        "= $3 "
        "RETURNING mail_outbox.state",
        {mail.id, holder_, mail.attempts, state, delivery.outcome == Outcome::unknown ? 1 : 0, wait.count(),
         delivery.code, delivery.text, delivery.provider_id, delivery.transport});
    if (rows.empty())
        return std::nullopt;
    return rows[0].string(0);
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
