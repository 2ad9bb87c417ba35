#include "ticket_mail.hpp"

#include <algorithm>
#include <chrono>

#include <apply_job.hpp>
#include <form.hpp>
#include <form_token.hpp>
#include <sealed.hpp>

#include "../ledger/lost_links.hpp"
#include "calendar.hpp"
#include "event_texts.hpp"
#include "file_name.hpp"

namespace mogiri::daemon {

namespace {

OwnWords own_words(const EventSettings& event, const std::string& kind, Language language) {
    const auto words = event.mails.find(kind);
    if (words == event.mails.end())
        return {};
    return {words->second.subject.in(language), words->second.text.in(language)};
}

CalendarFacts days_of(const std::string& application, const std::string& status_url,
                      const std::vector<PicturedTicket>& tickets) {
    using namespace std::chrono;
    CalendarFacts facts{application,
                        status_url,
                        {},
                        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
    for (const PicturedTicket& ticket : tickets)
        facts.kinds.push_back(ticket.kind);
    return facts;
}

} // namespace

std::optional<Message> TicketMail::write(const OwedMail& owed) {
    const BookedEvent* booked = book_.find(owed.event);
    if (!booked)
        throw MailNotReady("event " + std::to_string(owed.event) + " is not in the ledger");
    const EventSettings& event = booked->settings;
    const Configuration& configuration = office_.configuration();
    const Language language = language_of(owed.language).value_or(Language::ja);

    Message message;
    MailFacts facts;
    facts.event = event.name.in(language);
    facts.contact = event.contact.empty() ? configuration.mail.contact : event.contact;
    facts.status_url = status_url(configuration.server_url, event, owed.application);
    for (const EventDay& day : event.days)
        facts.days.push_back({day.name.in(language), date_text(day.date, language), day.opens, day.closes});

    // What an application is: its time is over when that has changed. Nothing that was typed stands in these
    // mails, for anybody may have typed it.
    if (decision_of(owed.kind) && owed.kind != "failed" && !still_is(owed))
        return std::nullopt;
    if (owed.kind == "unconfirmed") {
        facts.confirm_url =
            facts.status_url + "/confirm/" + confirmation_token(office_.keys(), owed.event, owed.application);
        facts.hours = hours_to_confirm(owed);
    }
    if (owed.kind == "tickets") {
        const Application application = read_application(owed);
        if (application.tickets.empty())
            return std::nullopt;
        facts.applicant = application.applicant;
        std::vector<std::string> guests;
        for (const PicturedTicket& ticket : application.tickets)
            guests.push_back(ticket.guest);
        const std::vector<std::string> files = ticket_file_names(guests);
        for (std::size_t i = 0; i < files.size(); ++i) {
            const PicturedTicket& ticket = application.tickets[i];
            const std::string cid =
                std::to_string(i + 1) + "." +
                owed.message_id.substr(1, std::max<std::size_t>(owed.message_id.size(), 2) - 2);
            facts.guests.push_back({ticket.guest, ticket.reference,
                                    kind_of(event, ticket.kind).name.in(language), files[i], cid});
            message.attachments.push_back(
                {files[i], pictures_.draw(ticket, event, language), "image/png", cid});
        }
        if (std::string calendar = calendar_of(
                event, days_of(owed.application, facts.status_url, application.tickets), language);
            !calendar.empty())
            message.attachments.push_back(
                {language == Language::ja ? "日程.ics" : "dates.ics", std::move(calendar), "text/calendar"});
    }

    if (owed.kind == "links") {
        for (const LinkedApplication& application :
             LostLinks(database_).of_address(owed.event, normalized_address(owed.recipient)))
            facts.applications.push_back({application.submitted, std::to_string(application.tickets),
                                          status_url(configuration.server_url, event, application.id)});
        if (facts.applications.empty())
            return std::nullopt;
    }

    if (owed.kind == "invitation" || owed.kind == "reset") {
        const std::optional<AccountLink> link = read_link(owed);
        if (!link)
            return std::nullopt;
        facts.name = link->name;
        facts.link_url = configuration.server_url + (event.is_default ? "" : "/e/" + event.slug) +
                         "/password#" + link_token(office_.keys(), link->number);
    }

    WrittenMail written = office_.texts().write(owed.kind, language_tag(language), facts,
                                                own_words(event, owed.kind, language));
    message.from_name = facts.event;
    message.from = event.sender.empty() ? configuration.mail.from : event.sender;
    if (!address_is_acceptable(message.from))
        throw MailNotReady("event " + std::to_string(owed.event) + ": its sender is no address");
    message.to = owed.recipient;
    if (address_is_acceptable(facts.contact))
        message.reply_to = facts.contact;
    message.message_id = owed.message_id;
    message.language = language_tag(language);
    message.subject = std::move(written.subject);
    message.text = std::move(written.text);
    message.html = std::move(written.html);
    return message;
}

bool TicketMail::still_is(const OwedMail& owed) {
    return !database_
                .query("SELECT FROM application WHERE event = $1 AND id = $2 AND code = $3",
                       {owed.event, owed.application, owed.kind})
                .empty();
}

// Whole ones, so that nobody is promised too much.
std::int64_t TicketMail::hours_to_confirm(const OwedMail& owed) {
    const Result rows = database_.query("SELECT greatest(floor(extract(epoch FROM confirm_by - now()) / 3600 "
                                        "+ 0.05)::bigint, 1) FROM application "
                                        "WHERE event = $1 AND id = $2 AND confirm_by IS NOT NULL",
                                        {owed.event, owed.application});
    return rows.empty() ? 0 : rows[0].number(0);
}

// Nothing once it is used, or its hour is over.
std::optional<TicketMail::AccountLink> TicketMail::read_link(const OwedMail& owed) {
    const Result found = database_.query(
        "SELECT link.number, name FROM account_link AS link JOIN account ON account.number = link.account "
        "WHERE 'link:' || link.number = $1 AND used_at IS NULL AND expires_at > now() AND disabled_at IS "
        "NULL",
        {owed.application});
    if (found.empty())
        return std::nullopt;
    return AccountLink{found[0].number(0), found[0].string(1)};
}

TicketMail::Application TicketMail::read_application(const OwedMail& owed) {
    Application application;
    for (const Row row : database_.query(
             "SELECT applicant, serial, key_id, ticket.kind, guest_name, reference, position, tickets "
             "FROM application JOIN ticket ON ticket.event = application.event AND ticket.application = "
             "application.id "
             "WHERE application.event = $1 AND application.id = $2 AND status = 'valid' ORDER BY position",
             {owed.event, owed.application})) {
        application.applicant = row.string(0);
        application.tickets.push_back({{owed.event, static_cast<std::uint64_t>(row.number(1)),
                                        static_cast<std::uint8_t>(row.number(2))},
                                       row.string(3),
                                       row.string(4),
                                       row.string(5),
                                       application.applicant,
                                       row.number(6),
                                       row.number(7)});
    }
    return application;
}

} // namespace mogiri::daemon
