// The options of `mogirictl jobs …`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/jobs/job_list.hpp"
#include "ctl/jobs/job_show.hpp"
#include "ctl/jobs/jobs_command.hpp"

namespace mogiri::daemon {

namespace {

struct JobWords {
    std::vector<std::string> jobs;
    std::string reason;
    bool personal = false, json = false;
};

void describe_list(CommandLine& line, CLI::App* jobs) {
    CLI::App* list = jobs->add_subcommand("list", "what waits, who has it, what was given up; by ids alone");
    const auto filter = std::make_shared<JobFilter>();
    list->add_option("--event", filter->event, "of this event only (slug)");
    list->add_option("--state", filter->states, "in these states only")->check(CLI::IsMember(job_states()));
    list->add_option("--limit", filter->limit, "at most so many of each kind")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    list->add_flag("--json", filter->json, "print JSON");
    line.when(list, [&line, filter] { return list_jobs(line.configuration(), *filter); });
}

} // namespace

void describe_jobs(CommandLine& line) {
    CLI::App* jobs =
        line.app.add_subcommand("jobs", "applications and mails on their way, and those given up");
    jobs->require_subcommand(1);
    describe_list(line, jobs);
    const auto words = std::make_shared<JobWords>();

    CLI::App* show = jobs->add_subcommand("show", "one job: where it is, its faults, what happened to it");
    const auto name = std::make_shared<std::string>();
    show->add_option("JOB", *name, "as jobs list names it")->required();
    show->add_flag("--payload", words->personal, "show names and addresses too");
    show->add_flag("--json", words->json, "print JSON");
    line.when(show, [&line, name, words] {
        return show_job(line.configuration(), *name, words->personal, words->json), ExitStatus::done;
    });

    CLI::App* retry = jobs->add_subcommand(
        "retry", "put a dead letter back on the road; make a mail due now, or owe a failed one again");
    retry->add_option("JOB", words->jobs, "as jobs list names it")->required();
    retry->add_flag("--json", words->json, "print JSON");
    line.when(retry, [&line, words] {
        return retry_jobs(line.configuration(), words->jobs, words->json), ExitStatus::done;
    });

    CLI::App* bury = jobs->add_subcommand(
        "bury", "give up an application that is stuck: a dead letter, and a mail to its applicant");
    bury->add_option("JOB", words->jobs, "as jobs list names it")->required();
    bury->add_option("--reason", words->reason, "why; kept with the dead letter")
        ->required()
        ->check(not_empty);
    bury->add_flag("--json", words->json, "print JSON");
    line.when(bury, [&line, words] {
        return bury_jobs(line.configuration(), words->jobs, words->reason, words->json), ExitStatus::done;
    });
}

} // namespace mogiri::daemon
