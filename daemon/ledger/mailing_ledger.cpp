// Mass sendings of tickets in the ledger: ordered, looked at, held up; mogirid owes their mails by and by.
#include "mailing_ledger.hpp"

#include <algorithm>

#include "event_ledger.hpp"

namespace mogiri::daemon {

namespace {

// Mails that a server put off: with more of them, it is asked no further.
constexpr int most_put_off = 1000;

std::optional<std::string> chosen(const std::string& word) {
    return word.empty() ? std::nullopt : std::optional(word);
}

} // namespace

std::int64_t MailingLedger::count(const MailingWish& wish) {
    return database_
        .query("SELECT count(*) FROM mailing_choice($1::integer, $2, $3, $4, $5::boolean)",
               {wish.event, chosen(wish.form), chosen(wish.kind), chosen(wish.mail_state), wish.again})[0]
        .number(0);
}

std::optional<std::int64_t> MailingLedger::order(const MailingWish& wish) {
    Transaction transaction(database_);
    const Result rows = database_.query(
        "INSERT INTO mailing (event, form, kind, mail_state, again, rate) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (event) WHERE state IN ('running', 'paused') DO NOTHING RETURNING number",
        {wish.event, chosen(wish.form), chosen(wish.kind), chosen(wish.mail_state), wish.again, wish.rate});
    if (rows.empty()) {
        const Result open = database_.query(
            "SELECT number, state FROM mailing WHERE event = $1 AND state IN ('running', 'paused')",
            {wish.event});
        throw LedgerRefusal("mailing " + (open.empty() ? "" : open[0].string(0) + " ") +
                            "of this event is not at its end yet" +
                            (open.empty() ? "" : ": it is " + open[0].string(1)));
    }
    const std::int64_t number = rows[0].number(0);
    const std::int64_t entries = database_
                                     .query("INSERT INTO mailing_entry (mailing, application) "
                                            "SELECT $6::bigint, id FROM mailing_choice($1::integer, $2, $3, "
                                            "$4, $5::boolean) AS choice (id)",
                                            {wish.event, chosen(wish.form), chosen(wish.kind),
                                             chosen(wish.mail_state), wish.again, number})
                                     .touched();
    if (entries == 0)
        return std::nullopt; // and the transaction is rolled back
    transaction.commit();
    return number;
}

void MailingLedger::change(std::uint32_t event, std::int64_t number, const std::optional<std::string>& state,
                           std::optional<int> rate) {
    Transaction transaction(database_);
    const Result rows = database_.query(
        "SELECT state FROM mailing WHERE event = $1 AND number = $2 FOR UPDATE", {event, number});
    if (rows.empty())
        throw LedgerRefusal("there is no mailing " + std::to_string(number) + " of this event");
    const std::string was = rows[0].string(0);
    if (was == "done" || (was == "cancelled" && state != "cancelled"))
        throw LedgerRefusal("mailing " + std::to_string(number) + " is " + was);
    database_.query("UPDATE mailing SET state = coalesce($2, state), rate = coalesce($3::integer, rate), "
                    "next_at = CASE WHEN $3::integer IS NOT NULL THEN now() ELSE next_at END, "
                    "ended_at = CASE WHEN $2 = 'cancelled' THEN coalesce(ended_at, now()) ELSE ended_at END "
                    "WHERE number = $1",
                    {number, state, rate});
    transaction.commit();
}

std::vector<RunningMailing> MailingLedger::running() {
    std::vector<RunningMailing> mailings;
    for (Row row : database_.query("SELECT number, event FROM mailing WHERE state = 'running'"))
        mailings.push_back({row.number(0), static_cast<std::uint32_t>(row.number(1))});
    return mailings;
}

std::vector<std::int64_t> MailingLedger::owe_next(std::int64_t number, int most_in_hand) {
    Transaction transaction(database_);
    // What the rate allows since `next_at`, of which at most a second is made up for.
    const Result held = database_.query(
        "SELECT floor(extract(epoch FROM now() - greatest(next_at, now() - interval '1 s')) * rate / "
        "60)::integer + 1 "
        "FROM mailing WHERE number = $1 AND state = 'running' AND next_at <= now() FOR UPDATE SKIP LOCKED",
        {number});
    if (held.empty() ||
        !database_
             .query(
                 "SELECT FROM mail_outbox WHERE state = 'pending' AND next_at <= now() AND mailing IS NULL "
                 "LIMIT 1")
             .empty())
        return {};
    const Result in_hand = database_.query(
        "SELECT count(*) FILTER (WHERE state IN ('pending', 'sending')), count(*) FROM mail_outbox "
        "WHERE mailing = $1 AND state IN ('pending', 'sending', 'retry', 'unknown')",
        {number});
    const auto room = std::min(most_in_hand - in_hand[0].number(0), most_put_off - in_hand[0].number(1));
    if (room <= 0)
        return {};
    // Who resends to an application holds its row, too: generations follow each other.
    const Result entries =
        database_.query("SELECT application FROM mailing_entry AS entry JOIN application ON id = application "
                        "WHERE mailing = $1 AND entry.state = 'waiting' ORDER BY application LIMIT $2 FOR "
                        "UPDATE OF application",
                        {number, std::min(room, held[0].number(0))});
    std::vector<std::string> applications;
    for (Row row : entries)
        applications.push_back(row.string(0));
    std::vector<std::int64_t> rows;
    if (applications.empty()) {
        end_if_done(number);
    } else {
        for (Row row : database_.query(
                 "WITH owed AS (INSERT INTO mail_outbox (event, application, kind, generation, recipient, "
                 "language, "
                 "                mailing) "
                 "  SELECT a.event, id, 'tickets', 1 + coalesce((SELECT max(generation) FROM mail_outbox AS "
                 "m "
                 "         WHERE m.application = a.id AND m.kind = 'tickets'), 0), email, language, "
                 "mailing.number "
                 "  FROM application AS a JOIN mailing ON mailing.number = $1 "
                 "  WHERE id = ANY ($2::text[]) AND may_be_mailed(a.event, id, again) RETURNING id, "
                 "application), "
                 "done AS (UPDATE mailing_entry AS entry SET state = CASE WHEN EXISTS (SELECT FROM owed "
                 "         WHERE owed.application = entry.application) THEN 'owed' ELSE 'skipped' END "
                 "         WHERE mailing = $1 AND application = ANY ($2::text[])) "
                 "SELECT id FROM owed ORDER BY id",
                 {number, applications}))
            rows.push_back(row.number(0));
        database_.query("UPDATE mailing SET next_at = greatest(next_at, now() - interval '1 s') + "
                        "make_interval(secs => $2 * 60.0 / rate) WHERE number = $1",
                        {number, static_cast<std::int64_t>(rows.size())});
    }
    transaction.commit();
    return rows;
}

void MailingLedger::end_if_done(std::int64_t number) {
    database_.query(
        "UPDATE mailing SET state = 'done', ended_at = now() WHERE number = $1 AND state = 'running' "
        "AND NOT EXISTS (SELECT FROM mailing_entry WHERE mailing = $1 AND state = 'waiting') "
        "AND NOT EXISTS (SELECT FROM mail_outbox WHERE mailing = $1 "
        "                  AND state IN ('pending', 'sending', 'retry', 'unknown'))",
        {number});
}

} // namespace mogiri::daemon
