// Sends what is owed: a mail's whole story, from its job in Redis to its end in the outbox.
#pragma once

#include <stop_token>
#include <string>

#include "../pulse.hpp"
#include "mail_route.hpp"
#include "mail_stream.hpp"
#include "outbox.hpp"
#include "post_office.hpp"
#include "ticket_mail.hpp"

namespace mogiri::daemon {

// One thread's life with its connections and its transport. Throws LostRedis, LostDatabase and refusals: what
// was in hand then stays in the stream and is claimed again by the next life.
class MailWorker {
  public:
    // `number`: 1 and up, tells the workers of a daemon apart. `office` outlives this object.
    MailWorker(PostOffice& office, int number, Pulse& pulse);

    // Returns at the stop, with the mail in hand finished.
    void work(const std::stop_token& stop);

    // Takes the next job, waiting so long for a new one, through its story. False when there was none. Public
    // for tests.
    bool send_next(std::chrono::milliseconds wait, const std::stop_token& stop = {});

  private:
    // A job whose row this worker holds.
    struct Held {
        MailJob job;
        OwedMail owed;
    };

    std::optional<MailJob> next_job(std::chrono::milliseconds wait);
    void claim(const MailJob& job);
    void send(const std::stop_token& stop);
    bool may_go_on(const std::stop_token& stop) const;
    std::optional<Delivery> attempt(const OwedMail& owed);
    void tell(const OwedMail& owed, const Delivery& delivery, const std::optional<std::string>& state);
    std::string new_message_id() const;

    PostOffice& office_;
    Pulse& pulse_;
    Redis redis_;
    Database database_;
    MailRoute route_;
    MailStream stream_;
    Outbox outbox_;
    SettingsBook book_;
    TicketMail ticket_mail_;
    std::optional<Held> held_;
    int most_ahead_ = 1; // jobs to take at once
    std::chrono::steady_clock::time_point next_look_{}, last_mail_{};
};

} // namespace mogiri::daemon
