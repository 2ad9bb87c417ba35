// `mogirictl tickets …`: all tickets of an event sent by mail, watched and held up; those of one applicant
// again.
#include "ctl/mail/mailing_command.hpp"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/tickets/named_tickets.hpp"
#include "ledger/applicant_ledger.hpp"
#include "ledger/listing.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr int bar_width = 30;

std::int64_t number_in(const Json& progress, const char* name) {
    return json_integer_value(json_object_get(progress.get(), name));
}

std::string time_left(std::int64_t seconds) {
    if (seconds < 120)
        return std::to_string(seconds) + " s";
    if (seconds < 7200)
        return std::to_string((seconds + 59) / 60) + " min";
    return std::to_string((seconds + 3599) / 3600) + " h";
}

// "120 of 500 done, 2 failed, 1 skipped, 377 left, 590/min, about 39 s"
std::string told(const Json& progress) {
    std::string text = std::to_string(number_in(progress, "done")) + " of " +
                       std::to_string(number_in(progress, "total")) + " done, " +
                       std::to_string(number_in(progress, "failed")) + " failed, " +
                       std::to_string(number_in(progress, "skipped")) + " skipped, " +
                       std::to_string(number_in(progress, "left")) + " left";
    const std::string state(text_of(json_object_get(progress.get(), "state")));
    if (state != "running")
        return text + ", " + state;
    text += ", " + std::to_string(number_in(progress, "per_minute")) + "/min";
    if (const json_t* left = json_object_get(progress.get(), "seconds_left"); json_is_integer(left))
        text += ", about " + time_left(json_integer_value(left));
    return text;
}

Json progress_of(Database& database, std::uint32_t event, std::int64_t number) {
    const auto shown = show(database, *find_resource("mailing"), event, std::to_string(number));
    if (!shown)
        throw CommandFailure(ExitStatus::wrong,
                             "there is no mailing " + std::to_string(number) + " of this event");
    return parse_json(*shown);
}

void draw_bar(const Json& progress) {
    const std::int64_t total = number_in(progress, "total"), left = number_in(progress, "left");
    const auto full = static_cast<int>(total > 0 ? bar_width * (total - left) / total : bar_width);
    std::cout << "\r\033[K[" << std::string(static_cast<std::size_t>(full), '#')
              << std::string(static_cast<std::size_t>(bar_width - full), ' ') << "] " << told(progress)
              << std::flush;
}

// A bar on a terminal, else a line whenever something has changed, every ten seconds at most.
ExitStatus watch(Database& database, std::uint32_t event, std::int64_t number, bool json) {
    const bool bar = !json && isatty(STDOUT_FILENO) != 0;
    auto next_line = std::chrono::steady_clock::now();
    std::string last;
    for (;;) {
        const Json progress = progress_of(database, event, number);
        const std::string_view state = text_of(json_object_get(progress.get(), "state"));
        const bool over = state != "running";
        if (json && over) {
            print(progress);
        } else if (bar) {
            draw_bar(progress);
        } else if (const auto now = std::chrono::steady_clock::now();
                   !json && told(progress) != last && (over || now >= next_line)) {
            std::cout << "mailing " << number << ": " << (last = told(progress)) << std::endl;
            next_line = now + 10s;
        }
        if (over) {
            if (bar)
                std::cout << '\n';
            if (number_in(progress, "failed") > 0)
                std::cerr << "which failed: mogirictl mail list --where mailing=" << number << '\n';
            return ExitStatus::done;
        }
        std::this_thread::sleep_for(bar ? 250ms : 500ms);
    }
}

// Locked, so that generations of mails follow each other.
std::vector<std::string> applications_of(Database& database, const ResendWish& wish) {
    const std::string application =
        wish.ticket.empty() ? wish.application
                            : tickets_named(database, {wish.ticket}, wish.event).front().application;
    const Result found =
        application.empty()
            ? database.query(
                  "SELECT id FROM application WHERE event = $1 AND applicant = $2 ORDER BY id FOR UPDATE",
                  {event_of(database, wish.event), wish.applicant})
            : database.query("SELECT id FROM application WHERE id = $1 FOR UPDATE", {application});
    std::vector<std::string> ids;
    for (Row row : found)
        ids.push_back(row.string(0));
    if (ids.empty())
        throw LedgerRefusal(application.empty() ? "there is no applicant " + wish.applicant + " of this event"
                                                : "there is no application " + application);
    return ids;
}

} // namespace

int parse_rate(const std::string& words) {
    int number = 0;
    const auto [end, error] = std::from_chars(words.data(), words.data() + words.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(words.data() + words.size() - end));
    const int times = unit == "/s" ? 60 : unit.empty() || unit == "/min" ? 1 : 0;
    if (error != std::errc{} || times == 0 || number < 1 || number > MailingWish::highest_rate / times)
        throw std::invalid_argument("\"" + words + "\": give a rate like 10/s or 600/min, at most 1000/s");
    return number * times;
}

ExitStatus send_tickets(const Configuration& configuration, const SendWish& wish) {
    Database database = open_ledger(configuration);
    name_deed(database, "mailing.create");
    MailingWish mailing = wish.mailing;
    mailing.event = event_of(database, wish.event);
    MailingLedger ledger(database);
    if (wish.dry_run) {
        const std::int64_t count = ledger.count(mailing);
        if (wish.json)
            print(Json(json_pack("{s:I}", "mails", static_cast<json_int_t>(count))));
        else
            std::cout << "it would be " << count << " mails; nothing was sent\n";
        return ExitStatus::done;
    }
    const auto number = ledger.order(mailing);
    if (!number) {
        if (wish.json)
            print(Json(json_pack("{s:i}", "mails", 0)));
        else
            std::cout << "there is nobody to write to"
                      << (mailing.again ? "" : ": their tickets were sent or are on their way (--again)")
                      << '\n';
        return ExitStatus::done;
    }
    if (wish.at_once) {
        if (wish.json)
            print(progress_of(database, mailing.event, *number));
        else
            std::cout << "mailing " << *number << " is ordered: mogirictl tickets watch " << *number << '\n';
        return ExitStatus::done;
    }
    if (!wish.json)
        std::cout << "mailing " << *number
                  << "; it goes on when this is interrupted (mogirictl tickets pause " << *number << ")"
                  << std::endl;
    return watch(database, mailing.event, *number, wish.json);
}

ExitStatus watch_mailing(const Configuration& configuration, const std::string& event, std::int64_t number,
                         bool json) {
    Database database = open_ledger(configuration);
    return watch(database, event_of(database, event), number, json);
}

void change_mailing(const Configuration& configuration, const MailingChange& wish) {
    Database database = open_ledger(configuration);
    name_deed(database, "mailing.change");
    const std::uint32_t event = event_of(database, wish.event);
    MailingLedger(database).change(event, wish.number,
                                   wish.state.empty() ? std::nullopt : std::optional(wish.state),
                                   wish.rate == 0 ? std::nullopt : std::optional(wish.rate));
    const Json progress = progress_of(database, event, wish.number);
    if (wish.json)
        print(progress);
    else
        std::cout << "mailing " << wish.number << ": " << told(progress) << '\n';
}

void resend_tickets(const Configuration& configuration, const ResendWish& wish) {
    Database database = open_ledger(configuration);
    name_deed(database, "mail.resend");
    Transaction transaction(database);
    std::vector<std::int64_t> mails;
    for (const std::string& application : applications_of(database, wish))
        if (const auto mail = ApplicantLedger(database).owe_tickets(application))
            mails.push_back(*mail);
    if (mails.empty())
        throw LedgerRefusal("none of its tickets is valid: nothing to send");
    // The sweep puts them into the stream.
    database.query("UPDATE mail_outbox SET queued_at = NULL WHERE id = ANY ($1::bigint[])", {mails});
    transaction.commit();
    Json list(json_array());
    for (const std::int64_t mail : mails) {
        json_array_append_new(list.get(), json_pack("{s:I}", "mail", static_cast<json_int_t>(mail)));
        if (!wish.json)
            std::cout << "mail " << mail << " is owed\n";
    }
    if (wish.json)
        print(list);
}

} // namespace mogiri::daemon
