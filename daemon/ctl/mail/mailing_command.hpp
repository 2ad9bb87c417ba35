// `mogirictl tickets …`: all tickets of an event sent by mail, watched and held up; those of one applicant
// again.
#pragma once

#include <cstdint>
#include <string>

#include "configuration.hpp"
#include "ctl/exit_status.hpp"
#include "ledger/mailing_ledger.hpp"

namespace mogiri::daemon {

struct SendWish {
    std::string event; // slug; empty: the default event
    MailingWish mailing;
    bool dry_run = false, at_once = false, json = false;
};

struct MailingChange {
    std::string event;
    std::int64_t number = 0;
    std::string state; // empty: stays
    int rate = 0;      // 0: stays
    bool json = false;
};

struct ResendWish {
    std::string event, applicant, application, ticket; // one of the last three
    bool json = false;
};

// Mails a minute, of "10/s", "600/min" or "600". Throws std::invalid_argument.
int parse_rate(const std::string& words);

// Watches it to its end, unless told to leave `at_once`; an interrupted watch leaves the mailing running.
ExitStatus send_tickets(const Configuration& configuration, const SendWish& wish);
ExitStatus watch_mailing(const Configuration& configuration, const std::string& event, std::int64_t number,
                         bool json);
void change_mailing(const Configuration& configuration, const MailingChange& wish);
void resend_tickets(const Configuration& configuration, const ResendWish& wish);

} // namespace mogiri::daemon
