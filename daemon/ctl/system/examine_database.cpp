// The doctor's look at PostgreSQL: reachable, of the right schema, with an event, and nothing left lying.
#include <migrations.hpp>

#include "ctl/system/doctor.hpp"
#include "database.hpp"
#include "ledger/schema.hpp"

namespace mogiri::daemon {

namespace {

Finding examine_schema(Database& database) {
    const int newest = migrations().back().number, found = schema_version(database);
    const std::string says =
        "the ledger is at migration " + std::to_string(found) + " of " + std::to_string(newest);
    if (found == newest)
        return {"database", Verdict::good, says, ""};
    if (found < newest)
        return {"database", Verdict::wrong, says, "start mogirid of this version, which migrates it"};
    return {"database", Verdict::wrong, says,
            "this mogirictl is older than the ledger: install the newer package"};
}

void examine_durability(Database& database, Findings& findings) {
    for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes"})
        if (database.query("SELECT current_setting($1)", {setting})[0].text(0) == "off")
            findings.push_back(
                {"database", Verdict::wrong,
                 std::string(setting) + " is off: a crash loses tickets that were issued",
                 "ALTER SYSTEM SET " + std::string(setting) + " = on; SELECT pg_reload_conf();"});
}

Finding examine_daemon(Database& database) {
    const auto connections = database
                                 .query("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                        "current_database() AND application_name LIKE 'mogirid %'")[0]
                                 .number(0);
    if (connections > 0)
        return {"mogirid", Verdict::good, "is connected to the ledger", ""};
    return {"mogirid", Verdict::wrong,
            "is not connected to the ledger: nothing is issued, published or mailed",
            "systemctl start mogirid; journalctl -u mogirid says why it ended"};
}

void examine_layouts(Database& database, const std::filesystem::path& templates, Findings& findings) {
    for (const Row& row : database.query("SELECT DISTINCT slug, kind ->> 'layout' FROM event, "
                                         "jsonb_array_elements(definition -> 'kind') AS kind"))
        if (const std::string layout = row.string(1);
            !std::filesystem::is_directory(templates / "tickets" / layout))
            findings.push_back({"events", Verdict::wrong,
                                "tickets of " + row.string(0) + " want the layout " + layout + ", which " +
                                    (templates / "tickets").string() + " has not",
                                "put it there, or name another one in the event file"});
}

void examine_contents(Database& database, Findings& findings) {
    const auto one = [&](const char* sql) { return database.query(sql)[0].number(0); };
    if (one("SELECT count(*) FROM event") == 0)
        findings.push_back({"events", Verdict::warning, "there is none yet",
                            "mogirictl event apply /usr/share/mogiri/events/musicfes.toml"});
    if (const auto dead = one("SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL"))
        findings.push_back({"dead letters", Verdict::warning,
                            std::to_string(dead) + " applications could not be handled",
                            "mogirictl status; the table dead_letter has the reasons"});
    for (const Row& alert :
         database.query("SELECT kind, subject, text FROM alert WHERE cleared_at IS NULL ORDER BY id"))
        findings.push_back(
            {"alert", Verdict::warning, alert.string(0) + " " + alert.string(1), alert.string(2)});
    if (const auto late =
            one("SELECT count(*) FROM cache_outbox WHERE due_at < now() - interval '30 seconds'"))
        findings.push_back({"publication", Verdict::wrong,
                            std::to_string(late) + " changes have not reached the door for over 30 seconds",
                            "see whether mogirid runs: systemctl status mogirid"});
}

} // namespace

Findings examine_database(const Configuration& configuration) {
    Findings findings;
    try {
        Database database(configuration.database, "mogirictl");
        findings.push_back({"database", Verdict::good,
                            "PostgreSQL " + database.query("SHOW server_version")[0].string(0) + " answers",
                            ""});
        examine_durability(database, findings);
        findings.push_back(examine_schema(database));
        if (findings.back().verdict == Verdict::good) {
            findings.push_back(examine_daemon(database));
            examine_layouts(database, configuration.templates, findings);
            examine_contents(database, findings);
        }
    } catch (const LostDatabase& lost) {
        findings.push_back(
            {"database", Verdict::wrong, lost.what(),
             "start PostgreSQL, or correct database.url; with peer authentication run this as the "
             "daemon's user: sudo -u mogiri mogirictl doctor"});
    } catch (const RefusedStatement& refused) {
        findings.push_back({"database", Verdict::wrong, refused.what(),
                            "the tables must belong to the role of database.url: sudo -u postgres createdb "
                            "-O mogiri mogiri"});
    }
    return findings;
}

} // namespace mogiri::daemon
