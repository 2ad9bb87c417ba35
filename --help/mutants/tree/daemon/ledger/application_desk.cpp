// Applications in the ledger, as staff look them up and change them.
#include "application_desk.hpp"

#include "application_ledger.hpp"
#include "event_ledger.hpp"

namespace mogiri::daemon {

namespace {

std::string applications_where(const char* condition) {
    return std::string(
               "SELECT id, event, form, state, coalesce(code, ''), tickets, iso(submitted_at), "
               "iso(decided_at), applicant, email, language, fields, guests FROM application WHERE ") +
           condition;
}

ApplicationRow application_at(Row row) {
    return {row.string(0),  static_cast<std::uint32_t>(row.number(1)),
            row.string(2),  row.string(3),
            row.string(4),  row.number(5),
            row.string(6),  row.string(7),
            row.string(8),  row.string(9),
            row.string(10), row.string(11),
            row.string(12)};
}

} // namespace

ApplicationRow ApplicationDesk::find(std::string_view id) {
    const Result rows = database_.query(applications_where("id = $1").c_str(), {id});
    if (rows.empty())
        throw LedgerRefusal("there is no application " + std::string(id) +
                            "; mogirictl application list names them");
    return application_at(rows[0]);
}

std::vector<ApplicationRow> ApplicationDesk::list(const ApplicationFilter& filter) {
    std::vector<ApplicationRow> applications;
    for (Row row :
         database_.query(applications_where("event = coalesce($1::integer, event) AND ($2 = '' OR form = $2) "
                                            "AND ($3 = '' OR state = $3) AND ($4 = '' OR applicant = $4) "
                                            "ORDER BY decided_at DESC, id LIMIT $5")
                             .c_str(),
                         {filter.event, filter.form, filter.state, filter.applicant, filter.limit}))
        applications.push_back(application_at(row));
    return applications;
}

std::vector<ApplicationChange> ApplicationDesk::changes(const ApplicationRow& application) {
    std::vector<ApplicationChange> changes;
    for (Row row : database_.query("SELECT kind, reason, iso(changed_at) FROM application_change "
                                   "WHERE application = $1 ORDER BY id",
                                   {application.id}))
        changes.push_back({row.string(0), row.string(1), row.string(2)});
    return changes;
}

std::vector<std::int64_t> ApplicationDesk::cancel(const std::vector<std::string>& ids,
                                                  std::string_view reason) {
    Transaction transaction(database_);
    std::vector<std::string> taken_back;
    for (Row row : database_.query("SELECT id, state FROM application WHERE id = ANY ($1::text[]) "
                                   "ORDER BY id FOR UPDATE",
                                   {ids})) {
        if (row.text(1) == "refused")
            throw LedgerRefusal("application " + row.string(0) + " was refused and has no tickets");
        if (row.text(1) != "cancelled")
            taken_back.push_back(row.string(0));
    }
    // Locked in one order, as where tickets are revoked one by one.
    database_.query(
        "SELECT FROM ticket WHERE application = ANY ($1::text[]) ORDER BY event, serial FOR UPDATE",
        {taken_back});
    database_.query(
        "WITH revoked AS ("
        "  UPDATE ticket SET status = 'revoked', version = version + 1 "
        "  WHERE application = ANY ($1::text[]) AND status = 'valid' RETURNING event, serial, version), "
        "told AS (INSERT INTO ticket_change (event, serial, version, kind, reason) "
        "         SELECT event, serial, version, 'revoked', $2 FROM revoked) "
        "INSERT INTO cache_outbox (event, kind, serial) SELECT event, 'ticket', serial FROM revoked",
        {taken_back, reason});
    database_.query(
        "WITH cancelled AS ("
        "  UPDATE application SET state = 'cancelled', code = 'cancelled', tickets = 0, returned = 0, "
        "         confirm_by = NULL, place = NULL "
        "  WHERE id = ANY ($1::text[]) RETURNING event, id), "
        "told AS (INSERT INTO application_change (application, kind, reason) "
        "         SELECT id, 'cancelled', $2 FROM cancelled) "
        "INSERT INTO cache_outbox (event, kind, application) SELECT event, 'answer', id FROM cancelled",
        {taken_back, reason});
    database_.query("UPDATE mail_outbox SET state = 'suppressed', next_at = NULL, ended_at = now() "
                    "WHERE application = ANY ($1::text[]) AND kind <> 'failed' "
                    "AND state IN ('pending', 'retry', 'unknown')",
                    {taken_back});
    forget_applicants(database_, taken_back);
    std::vector<std::int64_t> rows;
    for (Row row : database_.query(
             "SELECT DISTINCT outbox.id FROM cache_outbox AS outbox LEFT JOIN ticket USING (event, serial) "
             "WHERE coalesce(outbox.application, ticket.application) = ANY ($1::text[])",
             {ids}))
        rows.push_back(row.number(0));
    database_.query("SELECT pg_notify('mogiri_cache', '')");
    transaction.commit();
    return rows;
}

} // namespace mogiri::daemon
