#include "mail_worker.hpp"

#include <crash_point.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <random>
#include <thread>
#include <utility>

#include "../back_off.hpp"
#include "../journal.hpp"
#include "../ledger/bounce_ledger.hpp"

namespace mogiri::daemon {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// For the rendering of a mail with very many tickets, beside its delivery.
constexpr auto writing_time = 40s;
// Jobs for no longer than this wait behind another mail: a slow server's are left to whoever is free.
constexpr auto taken_ahead = 100ms;

std::string consumer_name(const Configuration& configuration, int number) {
    return configuration.road.consumer + "/mail" + std::to_string(number);
}

std::string name_of(const OwedMail& owed) {
    return "mail " + std::to_string(owed.id) + " of event " + std::to_string(owed.event);
}

} // namespace

MailWorker::MailWorker(PostOffice& office, int number, Pulse& pulse)
    : office_(office), pulse_(pulse), redis_(office.configuration().redis),
      database_(office.configuration().database, "mogirid mail"), route_(office, database_),
      stream_(redis_, consumer_name(office.configuration(), number)),
      outbox_(database_, office.lease_name().of_worker(number), route_.patience() + writing_time,
              std::chrono::seconds(office.configuration().mail.first_retry)),
      ticket_mail_(office, database_, book_) {
    database_.keep_statements();
}

void MailWorker::work(const std::stop_token& stop) {
    while (held_ || !stop.stop_requested()) {
        pulse_.beat();
        if (held_)
            send(stop);
        else if (const auto left = office_.closed_for(); left > 0ms)
            pause(stop, std::min<std::chrono::milliseconds>(left, 1s));
        else if (office_.rush().on() && Clock::now() < last_mail_ + Rush::between_mails)
            pause(stop, 50ms);
        else
            send_next(500ms, stop);
    }
}

bool MailWorker::send_next(std::chrono::milliseconds wait, const std::stop_token& stop) {
    if (!held_) {
        const auto job = next_job(wait);
        if (!job)
            return false;
        claim(*job);
    }
    if (held_)
        send(stop);
    return true;
}

std::optional<MailJob> MailWorker::next_job(std::chrono::milliseconds wait) {
    const bool look = Clock::now() >= next_look_;
    if (look) {
        next_look_ = Clock::now() + 1s;
        book_.refresh(database_);
        stream_.follow(book_.numbers());
    }
    if (auto job = stream_.claim_own())
        return job;
    if (look)
        if (auto job = stream_.claim_abandoned()) {
            next_look_ = {}; // where one was left behind there may be more
            return job;
        }
    if (book_.numbers().empty()) {
        std::this_thread::sleep_for(wait);
        return std::nullopt;
    }
    return stream_.claim_new(wait);
}

// Claim; render, compose and deliver; mark; acknowledge. The row may be another's, at its end or not due:
// then the job is only taken off the stream, for the sweep looks after every row.
void MailWorker::claim(const MailJob& job) {
    MOGIRI_CRASH_POINT("mail.claimed");
    if (auto owed = outbox_.claim({job.row, new_message_id()})) {
        held_ = Held{job, std::move(*owed)};
    } else {
        stream_.done(job);
        stream_.settle();
    }
}

// Where more mails wait, one commit marks this one and claims the next: of each mail only one is waited for.
void MailWorker::send(const std::stop_token& stop) {
    const Pulse::LongWork in_hand(pulse_);
    const auto begun = Clock::now();
    const Held sent = *std::exchange(held_, std::nullopt);
    const OwedMail& owed = sent.owed;
    MOGIRI_CRASH_POINT("mail.sending");
    auto why = BounceLedger(database_).reason_against(owed.recipient);
    std::optional<Delivery> delivery;
    if (!why && !(delivery = attempt(owed)))
        why = owed.kind == "tickets" ? "none of its tickets is valid" : "its application has come further";
    last_mail_ = Clock::now();
    most_ahead_ = static_cast<int>(std::clamp<Clock::rep>(taken_ahead / (last_mail_ - begun + 1ms), 1, 16));

    std::optional<MailJob> next;
    std::exception_ptr trouble; // waits until it is written how the delivery ended
    try {
        if (may_go_on(stop))
            next = stream_.claim_waiting(most_ahead_);
    } catch (const std::exception&) {
        trouble = std::current_exception();
    }
    const auto due = next ? std::optional(DueMail{next->row, new_message_id()}) : std::nullopt;
    Turn turn = why ? outbox_.suppress(owed, *why, due) : outbox_.finish(owed, *delivery, due);
    if (!why)
        tell(owed, *delivery, turn.state);
    MOGIRI_CRASH_POINT("mail.marked");
    if (trouble)
        std::rethrow_exception(trouble);
    stream_.done(sent.job);
    if (turn.next)
        held_ = Held{*next, std::move(*turn.next)};
    else if (next)
        stream_.done(*next);
    if (!held_)
        stream_.settle();
    MOGIRI_CRASH_POINT("mail.acknowledged");
}

// Not for longer than a second: then there are jobs that others left behind to look for.
bool MailWorker::may_go_on(const std::stop_token& stop) const {
    return !stop.stop_requested() && Clock::now() < next_look_ && office_.closed_for() == 0ms &&
           !office_.rush().on();
}

// Nothing when there is nothing left to send.
std::optional<Delivery> MailWorker::attempt(const OwedMail& owed) {
    const std::string subject = "tickets of event " + std::to_string(owed.event);
    try {
        const auto message = ticket_mail_.write(owed);
        office_.alerts().clear(database_, subject);
        if (!message)
            return std::nullopt;
        const std::string composed = compose(*message);
        MOGIRI_CRASH_POINT("mail.composed");
        const auto delivery = route_.deliver({message->from, message->to, owed.message_id}, composed);
        MOGIRI_CRASH_POINT("mail.delivered");
        return delivery;
    } catch (const UnsendableMail& unsendable) {
        return Delivery{Outcome::permanent, 0, 0s, unsendable.what(), {}};
    } catch (const MailNotReady& missing) {
        office_.alerts().raise(database_, subject, missing.what());
        return Delivery{Outcome::transient, 0, 0s, missing.what(), {}};
    } catch (const TemplateError& broken) {
        office_.alerts().raise(database_, subject, broken.what());
        return Delivery{Outcome::transient, 0, 0s, broken.what(), {}};
    }
}

void MailWorker::tell(const OwedMail& owed, const Delivery& delivery,
                      const std::optional<std::string>& state) {
    const std::string what = name_of(owed) + ", attempt " + std::to_string(owed.attempts);
    if (!state)
        return journal::warn(what + ": took longer than its lease, another worker has it");
    if (delivery.outcome == Outcome::stopped)
        return;
    // What a server says may hold addresses: it stands in the outbox, not in the log.
    if (*state == "failed") {
        journal::error(what + ": failed, code " + std::to_string(delivery.code));
        office_.alerts().raise(database_, "mail " + std::to_string(owed.id), delivery.text);
    } else if (*state != "sent") {
        journal::warn(what + ": " + *state + ", code " + std::to_string(delivery.code));
    }
}

// Unguessable and unique; its host part is the sender's.
std::string MailWorker::new_message_id() const {
    std::random_device dice;
    std::array<char, 40> random{};
    std::snprintf(random.data(), random.size(), "%08x%08x%08x", dice(), dice(), dice());
    const std::string& from = office_.configuration().mail.from;
    return std::string("<mogiri.") + random.data() + from.substr(from.find('@')) + ">";
}

} // namespace mogiri::daemon
