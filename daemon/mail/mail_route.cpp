#include "mail_route.hpp"

#include "../journal.hpp"

namespace mogiri::daemon {

MailRoute::MailRoute(PostOffice& office, Database& database) : office_(office), database_(database) {
    for (const Way& way : office.ways())
        transports_.push_back(office.open_transport(way));
}

std::chrono::seconds MailRoute::patience() const {
    std::chrono::seconds all{0};
    for (const Transport& transport : transports_)
        all += transport.patience();
    return all;
}

Delivery MailRoute::deliver(const Envelope& envelope, const std::string& message) {
    // Where no way is open the worker that asks does not wait here, for it has waited.
    Delivery last{Outcome::stopped, 0, {}, {}, {}, {}};
    for (std::size_t number = 0; number < transports_.size(); ++number) {
        Way& way = office_.ways()[number];
        if (!way.pause.may_try())
            continue;
        last = transports_[number].deliver(envelope, message);
        last.transport = way.name;
        if (last.outcome == Outcome::stopped) {
            tell_of_stop(way, last);
            continue;
        }
        if (last.outcome == Outcome::accepted) {
            if (way.pause.end())
                journal::info("the mail transport " + way.name + " takes mail again");
            office_.alerts().clear(database_, way.alert);
        } else {
            way.pause.answered();
        }
        break;
    }
    return last;
}

void MailRoute::tell_of_stop(Way& way, const Delivery& delivery) {
    if (!way.pause.begin(delivery.retry_after))
        return;
    const bool has_next = &way != &office_.ways().back();
    const std::string meanwhile = has_next ? "; meanwhile mails go by " + (&way + 1)->name : "";
    journal::error("the mail transport " + way.name + " takes no mail: " + delivery.text + meanwhile);
    office_.alerts().raise(database_, way.alert, way.name + ": " + delivery.text + meanwhile);
}

} // namespace mogiri::daemon
