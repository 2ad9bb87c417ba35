// Applications that await approval, as staff say yes or no to them.
#include "approval_desk.hpp"

#include <algorithm>
#include <list>

#include "application_ledger.hpp"
#include "event_ledger.hpp"
#include "settings_book.hpp"

namespace mogiri::daemon {

namespace {

// Those that are in one of the states `from`, locked; `already` tells the ones that need nothing more.
std::vector<std::string> lock(Database& database, const std::vector<std::string>& ids,
                              const std::vector<std::string_view>& from, std::string_view already) {
    std::vector<std::string> found;
    for (Row row : database.query("SELECT id, state, coalesce(code, 'issued') FROM application "
                                  "WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE",
                                  {ids})) {
        if (row.text(2) == already)
            continue;
        if (std::ranges::find(from, row.text(1)) == from.end())
            throw LedgerRefusal("application " + row.string(0) + " is " + row.string(1) +
                                " and does not await approval");
        found.push_back(row.string(0));
    }
    return found;
}

void change(Database& database, std::uint8_t signing_key, const std::vector<std::string>& ids,
            Decision decision, std::string_view reason) {
    SettingsBook book;
    book.refresh(database);
    const std::vector<ApplyJob> jobs = read_applications(database, ids);
    std::list<Settlement> settlements;
    std::vector<FreshApplication> changing;
    for (const ApplyJob& job : jobs) {
        const EventSettings& settings = book.find(job.event)->settings;
        if (!settings.form(job.form))
            throw LedgerRefusal("the event has no form \"" + job.form + "\" any more, which application " +
                                job.id + " came by");
        changing.push_back({job, settings,
                            settlements.emplace_back(
                                Settlement{decided_answer(job, decision), job.body_hash, {}, std::nullopt})});
    }
    change_applications(database, signing_key, changing,
                        decision == Decision::issued ? "approved" : "rejected", reason);
}

// Of cache_outbox, that stand for these applications: their answers, and their tickets.
std::vector<std::int64_t> owed(Database& database, const std::vector<std::string>& ids) {
    std::vector<std::int64_t> rows;
    for (Row row : database.query(
             "SELECT id FROM cache_outbox WHERE application = ANY ($1::text[]) OR serials && "
             "ARRAY(SELECT serial FROM ticket WHERE application = ANY ($1::text[]) AND status = 'valid')",
             {ids}))
        rows.push_back(row.number(0));
    return rows;
}

} // namespace

std::vector<std::int64_t> ApprovalDesk::approve(const std::vector<std::string>& ids,
                                                std::string_view reason) {
    Transaction transaction(database_);
    change(database_, signing_key_, lock(database_, ids, {"awaiting_approval"}, "issued"), Decision::issued,
           reason);
    const std::vector<std::int64_t> rows = owed(database_, ids);
    transaction.commit();
    return rows;
}

std::vector<std::int64_t> ApprovalDesk::reject(const std::vector<std::string>& ids, std::string_view reason) {
    Transaction transaction(database_);
    const std::vector<std::string> held = lock(database_, ids, {"awaiting_approval", "waiting"}, "rejected");
    change(database_, signing_key_, held, Decision::rejected, reason);
    forget_applicants(database_, held);
    const std::vector<std::int64_t> rows = owed(database_, ids);
    transaction.commit();
    return rows;
}

} // namespace mogiri::daemon
