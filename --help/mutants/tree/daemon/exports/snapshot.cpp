// The ledger as it is at one moment, read in steps however much there is.
#include "snapshot.hpp"

namespace mogiri::daemon {

namespace {

constexpr int rows_a_step = 500;

} // namespace

Snapshot::Snapshot(const std::string& conninfo) : database_(conninfo, "mogiri export") {
    database_.set_statement_timeout(std::chrono::minutes(2));
    // Who reads slowly may be waited for; who took a name for audit rows has nothing to write here.
    database_.query("SELECT set_config('idle_in_transaction_session_timeout', '120000', false), "
                    "       set_config('timezone', 'UTC', false)");
    database_.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

void Snapshot::each(const std::string& select, const std::vector<Parameter>& parameters,
                    const std::function<void(const Names&)>& began, const std::function<void(Row)>& row) {
    database_.query(("DECLARE step NO SCROLL CURSOR FOR " + select).c_str(), parameters);
    const std::string fetch = "FETCH " + std::to_string(rows_a_step) + " FROM step";
    for (bool first = true;; first = false) {
        const Result rows = database_.query(fetch.c_str());
        if (first)
            began(rows.columns());
        for (Row one : rows)
            row(one);
        if (rows.rows() < rows_a_step)
            break;
    }
    database_.query("CLOSE step");
}

} // namespace mogiri::daemon
