// Jobs whose own data is refused: their faults are counted, and after five they are buried with their reason.
#include "graveyard.hpp"

#include <form.hpp>

#include "../journal.hpp"
#include "../ledger/application_ledger.hpp"

namespace mogiri::daemon {

int Graveyard::count_fault(const ClaimedJob& claimed, const std::string& application,
                           const std::string& sqlstate, const std::string& reason) {
    const Result rows = database_.query("INSERT INTO job_fault AS fault (event, stream_id, application, "
                                        "sqlstate, reason) VALUES ($1, $2, $3, $4, $5) "
                                        "ON CONFLICT (event, stream_id) DO UPDATE SET faults = fault.faults "
                                        "+ 1, sqlstate = excluded.sqlstate, "
                                        "reason = excluded.reason, last_at = now() RETURNING faults",
                                        {claimed.event, claimed.stream_id, application, sqlstate, reason});
    return static_cast<int>(rows[0].number(0));
}

Burial Graveyard::bury(const ClaimedJob& claimed, const std::optional<ApplyJob>& job,
                       const std::string& sqlstate, const std::string& reason) {
    const std::string application = job ? job->id : "";
    const std::string subject = std::to_string(claimed.event) + " " + claimed.stream_id;
    Transaction transaction(database_);
    if (job) {
        database_.query("SELECT pg_advisory_xact_lock($1)", {applicant_lock(*job)});
        if (const auto before = decided(*job))
            return *before;
    }
    database_.query(
        "WITH fault AS (DELETE FROM job_fault WHERE event = $1 AND stream_id = $2 RETURNING faults) "
        "INSERT INTO dead_letter (event, stream_id, application, payload, faults, sqlstate, reason) "
        "VALUES ($1, $2, $3, $4, coalesce((SELECT faults FROM fault), 1), $5, $6) "
        "ON CONFLICT (event, stream_id) DO NOTHING",
        {claimed.event, claimed.stream_id, application, Bytes{claimed.payload}, sqlstate, reason});
    database_.query(
        "INSERT INTO alert (kind, subject, text) VALUES ('dead_letter', $1, $2) ON CONFLICT DO NOTHING",
        {subject, "an application was given up: " + reason});
    Burial burial;
    if (job && address_is_acceptable(job->email))
        burial.mail = owe_mail(*job);
    transaction.commit();
    journal::error(name_of(claimed) + ": buried as a dead letter");
    return burial;
}

std::optional<Burial> Graveyard::decided(const ApplyJob& job) {
    const Result rows = database_.query(
        "SELECT coalesce(code, 'issued'), tickets, version FROM application WHERE id = $1", {job.id});
    if (rows.empty())
        return std::nullopt;
    return Burial{decision_of(rows[0].text(0)).value_or(Decision::failed), rows[0].number(1),
                  rows[0].number(2), std::nullopt};
}

std::optional<std::int64_t> Graveyard::owe_mail(const ApplyJob& job) {
    const Result rows = database_.query("INSERT INTO mail_outbox (event, application, kind, recipient, "
                                        "language) VALUES ($1, $2, 'failed', $3, $4) "
                                        "ON CONFLICT (application, kind, generation) DO NOTHING RETURNING id",
                                        {job.event, job.id, job.email, language_tag(job.language)});
    if (rows.empty())
        return std::nullopt;
    return rows[0].number(0);
}

} // namespace mogiri::daemon
