// Faults, dead letters, mails and orders in the ledger.
#include "job_ledger.hpp"

#include "event_ledger.hpp"

namespace mogiri::daemon {

namespace {

constexpr const char* letter_columns =
    "SELECT id, event, stream_id, application, payload, faults, sqlstate, reason, iso(buried_at), "
    "coalesce(iso(resolved_at), ''), age_ms(buried_at) FROM dead_letter ";

constexpr const char* mail_columns =
    "SELECT id, event, application, kind, state, generation, attempts, unknowns, coalesce(last_code, 0), "
    "coalesce(iso(next_at), ''), coalesce(lease_by, ''), recipient, coalesce(last_text, ''), "
    "age_ms(created_at), iso(created_at), coalesce(iso(ended_at), '') FROM mail_outbox ";

DeadLetter letter_at(Row row) {
    return {row.number(0), static_cast<std::uint32_t>(row.number(1)),
            row.string(2), row.string(3),
            row.bytes(4),  row.number(5),
            row.string(6), row.string(7),
            row.string(8), row.string(9),
            row.number(10)};
}

MailRow mail_at(Row row) {
    return {row.number(0),  static_cast<std::uint32_t>(row.number(1)),
            row.string(2),  row.string(3),
            row.string(4),  row.number(5),
            row.number(6),  row.number(7),
            row.number(8),  row.string(9),
            row.string(10), row.string(11),
            row.string(12), row.number(13),
            row.string(14), row.string(15)};
}

template <typename T, typename Read> std::optional<T> first(const Result& rows, Read read) {
    if (rows.empty())
        return std::nullopt;
    return read(rows[0]);
}

std::string sentence(const char* columns, const char* rest) {
    return std::string(columns) + rest;
}

} // namespace

std::vector<JobFault> JobLedger::faults() {
    std::vector<JobFault> faults;
    for (Row row : database_.query("SELECT event, stream_id, faults, sqlstate, reason FROM job_fault"))
        faults.push_back({static_cast<std::uint32_t>(row.number(0)), row.string(1), row.number(2),
                          row.string(3), row.string(4)});
    return faults;
}

std::vector<DeadLetter> JobLedger::letters(std::optional<std::uint32_t> event, bool resolved,
                                           std::int64_t limit) {
    std::vector<DeadLetter> letters;
    for (Row row :
         database_.query(sentence(letter_columns, "WHERE event = coalesce($1::integer, event) AND "
                                                  "(resolved_at IS NOT NULL) = $2 ORDER BY id LIMIT $3")
                             .c_str(),
                         {event, resolved, limit}))
        letters.push_back(letter_at(row));
    return letters;
}

std::vector<MailRow> JobLedger::mails(std::optional<std::uint32_t> event,
                                      const std::vector<std::string>& states, std::int64_t limit) {
    std::vector<MailRow> mails;
    for (Row row : database_.query(sentence(mail_columns, "WHERE event = coalesce($1::integer, event) AND "
                                                          "state = ANY ($2::text[]) ORDER BY id LIMIT $3")
                                       .c_str(),
                                   {event, states, limit}))
        mails.push_back(mail_at(row));
    return mails;
}

std::optional<DeadLetter> JobLedger::letter(std::int64_t id) {
    return first<DeadLetter>(database_.query(sentence(letter_columns, "WHERE id = $1").c_str(), {id}),
                             letter_at);
}

std::optional<DeadLetter> JobLedger::letter_of(std::uint32_t event, const std::string& stream_id) {
    return first<DeadLetter>(
        database_.query(sentence(letter_columns, "WHERE event = $1 AND stream_id = $2").c_str(),
                        {event, stream_id}),
        letter_at);
}

std::vector<MailRow> JobLedger::mails_of(const std::string& application) {
    std::vector<MailRow> mails;
    for (Row row :
         database_.query(sentence(mail_columns, "WHERE application = $1 ORDER BY id").c_str(), {application}))
        mails.push_back(mail_at(row));
    return mails;
}

std::optional<MailRow> JobLedger::mail(std::int64_t id) {
    return first<MailRow>(database_.query(sentence(mail_columns, "WHERE id = $1").c_str(), {id}), mail_at);
}

std::vector<Moment> JobLedger::timeline(std::uint32_t event, const std::string& stream_id,
                                        const std::string& application) {
    std::vector<Moment> moments;
    for (Row row : database_.query(
             "WITH letters AS (SELECT * FROM dead_letter WHERE event = $1 AND stream_id = $2 "
             "                    OR $3 <> '' AND application = $3) "
             "SELECT iso(at), what FROM ("
             "  SELECT to_timestamp(split_part(id, '-', 1)::bigint / 1000.0), 'on the road as ' || $1 || '/' "
             "|| id "
             "  FROM (SELECT $2::text UNION SELECT stream_id FROM letters) AS roads (id) WHERE id <> '' "
             "  UNION ALL SELECT last_at, 'fault ' || faults || ': ' || sqlstate || ' ' || reason FROM "
             "job_fault "
             "            WHERE event = $1 AND stream_id = $2 "
             "  UNION ALL SELECT buried_at, 'buried as d' || id || ': ' || reason FROM letters "
             "  UNION ALL SELECT resolved_at, 'd' || id || ' resolved' FROM letters "
             "  UNION ALL SELECT ordered_at, kind || ' ordered: ' || reason FROM job_order "
             "            WHERE event = $1 AND stream_id IN (SELECT stream_id FROM letters UNION SELECT $2) "
             "  UNION ALL SELECT done_at, kind || ' carried out: ' || outcome FROM job_order "
             "            WHERE event = $1 AND stream_id IN (SELECT stream_id FROM letters UNION SELECT $2) "
             "  UNION ALL SELECT decided_at, 'decided: ' || coalesce(code, 'issued') FROM application WHERE "
             "id = $3 "
             "  UNION ALL SELECT created_at, 'mail m' || id || ' owed: ' || kind FROM mail_outbox "
             "            WHERE application = $3 "
             "  UNION ALL SELECT ended_at, 'mail m' || id || ' ' || state FROM mail_outbox WHERE application "
             "= $3 "
             ") AS moments (at, what) WHERE at IS NOT NULL ORDER BY at",
             {event, stream_id, application}))
        moments.push_back({row.string(0), row.string(1)});
    return moments;
}

Retry JobLedger::retry_letter(std::int64_t id) {
    const std::string name = "dead letter d" + std::to_string(id);
    Transaction transaction(database_);
    const Result rows = database_.query(
        "SELECT event, stream_id, application FROM dead_letter WHERE id = $1 FOR UPDATE", {id});
    if (rows.empty())
        throw LedgerRefusal("there is no " + name);
    const std::int64_t event = rows[0].number(0);
    const std::string stream_id = rows[0].string(1), application = rows[0].string(2);
    if (application.empty())
        throw LedgerRefusal(name +
                            " cannot be read, so it cannot be decided: its applicant must apply again");
    const Result newer = database_.query(
        "SELECT max(id) FROM dead_letter WHERE application = $1 AND id > $2 HAVING max(id) IS NOT NULL",
        {application, id});
    if (!newer.empty())
        throw LedgerRefusal(name + " was retried, and failed again as d" + newer[0].string(0) +
                            ": retry that one");

    Retry retry;
    database_.query("UPDATE dead_letter SET resolved_at = coalesce(resolved_at, now()) WHERE id = $1", {id});
    database_.query("UPDATE alert SET cleared_at = now() "
                    "WHERE kind = 'dead_letter' AND subject = $1 AND cleared_at IS NULL",
                    {std::to_string(event) + " " + stream_id});
    const Result decided =
        database_.query("SELECT coalesce(code, 'issued') FROM application WHERE id = $1", {application});
    if (!decided.empty()) {
        retry.decided = decided[0].string(0);
    } else {
        database_.query("INSERT INTO job_order (kind, event, stream_id, reason) VALUES ('retry', $1, $2, '') "
                        "ON CONFLICT DO NOTHING",
                        {event, stream_id});
        retry.order =
            database_
                .query("SELECT id FROM job_order WHERE event = $1 AND stream_id = $2 AND kind = 'retry' "
                       "AND done_at IS NULL",
                       {event, stream_id})[0]
                .number(0);
    }
    transaction.commit();
    return retry;
}

std::int64_t JobLedger::order_burial(std::uint32_t event, const std::string& stream_id,
                                     const std::string& reason) {
    if (database_.query("SELECT FROM event WHERE number = $1", {event}).empty())
        throw LedgerRefusal("there is no event " + std::to_string(event));
    return database_
        .query("INSERT INTO job_order (kind, event, stream_id, reason) VALUES ('bury', $1, $2, $3) "
               "ON CONFLICT (event, stream_id, kind) WHERE done_at IS NULL DO UPDATE SET reason = "
               "excluded.reason "
               "RETURNING id",
               {event, stream_id, reason})[0]
        .number(0);
}

std::optional<std::string> JobLedger::outcome(std::int64_t order) {
    const Result rows = database_.query("SELECT outcome FROM job_order WHERE id = $1", {order});
    if (rows.empty() || rows[0].is_null(0))
        return std::nullopt;
    return rows[0].string(0);
}

std::int64_t JobLedger::retry_mail(std::int64_t id) {
    const std::string name = "mail m" + std::to_string(id);
    Transaction transaction(database_);
    const Result rows = database_.query(
        "SELECT state, application, kind, generation FROM mail_outbox WHERE id = $1 FOR UPDATE", {id});
    if (rows.empty())
        throw LedgerRefusal("there is no " + name);
    const std::string state = rows[0].string(0);
    std::int64_t due = id;
    if (state == "pending" || state == "retry" || state == "unknown") {
        database_.query("UPDATE mail_outbox SET next_at = now(), queued_at = NULL WHERE id = $1", {id});
    } else if (state == "failed") {
        const Result again = database_.query(
            "INSERT INTO mail_outbox (event, application, kind, generation, recipient, language, queued_at) "
            "SELECT event, application, kind, generation + 1, recipient, language, NULL FROM mail_outbox "
            "WHERE id = $1 ON CONFLICT (application, kind, generation) DO NOTHING RETURNING id",
            {id});
        if (again.empty())
            throw LedgerRefusal(name + " has been owed again already; mogirictl jobs show m" +
                                std::to_string(id) + " tells what became of it");
        due = again[0].number(0);
        database_.query("UPDATE alert SET cleared_at = now() "
                        "WHERE kind = 'mail' AND subject = $1 AND cleared_at IS NULL",
                        {"mail " + std::to_string(id)});
    } else if (state == "sending") {
        throw LedgerRefusal(name + " is being sent at this moment");
    } else {
        throw LedgerRefusal(name + " is " + state + ": there is nothing to retry");
    }
    transaction.commit();
    return due;
}

} // namespace mogiri::daemon
