// `mogirictl jobs retry` and `mogirictl jobs bury`: ordered in the ledger, carried out by mogirid.
#include "ctl/jobs/jobs_command.hpp"

#include <iostream>

#include "ctl/exit_status.hpp"
#include "ctl/jobs/job_id.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/event_ledger.hpp"
#include "ledger/job_ledger.hpp"

namespace mogiri::daemon {

namespace {

// What was done, one line or one JSON object per job.
class Report {
  public:
    explicit Report(bool json) : json_(json) {}
    ~Report() {
        if (json_)
            print(list_);
        std::cout.flush();
    }
    Report(const Report&) = delete;
    Report& operator=(const Report&) = delete;

    void add(const std::string& id, const std::string& state, const std::string& sentence) {
        if (json_)
            json_array_append_new(list_.get(),
                                  json_pack("{s:s, s:s}", "id", id.c_str(), "state", state.c_str()));
        else
            std::cout << sentence << '\n';
    }

  private:
    bool json_;
    Json list_{json_array()};
};

// "done", "decided" or "gone".
std::string await_outcome(JobLedger& ledger, std::int64_t order) {
    std::optional<std::string> outcome;
    if (!await([&] { return (outcome = ledger.outcome(order)).has_value(); }))
        throw CommandFailure(ExitStatus::unpublished,
                             "it is ordered (order " + std::to_string(order) +
                                 "), and mogirid will carry it out as soon as it and Redis "
                                 "run (mogirictl doctor)");
    return *outcome;
}

void retry_letter(JobLedger& ledger, const std::string& word, std::int64_t number, Report& report) {
    const Retry retry = ledger.retry_letter(number);
    if (!retry.decided.empty())
        return report.add(word, "decided",
                          word + ": its application has its decision (" + retry.decided +
                              "); nothing to retry");
    if (const std::string outcome = await_outcome(ledger, retry.order); outcome == "decided")
        return report.add(word, outcome, word + ": its application was decided meanwhile; nothing to retry");
    report.add(word, "on the road", word + " is back on the road");
}

} // namespace

void retry_jobs(const Configuration& configuration, const std::vector<std::string>& words, bool json) {
    std::vector<JobId> ids;
    for (const std::string& word : words)
        if (ids.push_back(parse_job_id(word)); ids.back().kind == JobId::Kind::road)
            throw CommandFailure(ExitStatus::wrong,
                                 word + " is on its way: mogirid tries it again by itself");
    Database database = open_ledger(configuration);
    JobLedger ledger(database);
    Report report(json);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i].kind == JobId::Kind::letter) {
            retry_letter(ledger, words[i], ids[i].number, report);
            continue;
        }
        const std::string due = "m" + std::to_string(ledger.retry_mail(ids[i].number));
        report.add(due, "due",
                   due == words[i] ? due + " is due now" : words[i] + " is owed again, as " + due);
    }
}

void bury_jobs(const Configuration& configuration, const std::vector<std::string>& words,
               const std::string& reason, bool json) {
    std::vector<JobId> ids;
    for (const std::string& word : words)
        if (ids.push_back(parse_job_id(word)); ids.back().kind != JobId::Kind::road)
            throw CommandFailure(ExitStatus::wrong,
                                 word + ": only an application on its way can be given up");
    Database database = open_ledger(configuration);
    JobLedger ledger(database);
    Report report(json);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::string outcome =
            await_outcome(ledger, ledger.order_burial(ids[i].event, ids[i].stream_id, reason));
        if (outcome != "done")
            throw CommandFailure(ExitStatus::wrong,
                                 words[i] + (outcome == "gone"
                                                 ? ": no such job is on its way (any more)"
                                                 : ": it has been decided; nothing was given up"));
        const std::string letter = "d" + std::to_string(ledger.letter_of(ids[i].event, ids[i].stream_id)->id);
        report.add(letter, "dead", words[i] + " is given up, as dead letter " + letter);
    }
}

} // namespace mogiri::daemon
