// `mogirictl application …`: what was applied for, saying yes or no to it, and taking it back.
#include "ctl/tickets/application_command.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/tickets/named_tickets.hpp"
#include "ledger/application_desk.hpp"
#include "ledger/approval_desk.hpp"
#include "ledger/bounce_ledger.hpp"
#include "ledger/job_ledger.hpp"
#include "ledger/ticket_ledger.hpp"

namespace mogiri::daemon {

namespace {

Json application_json(const ApplicationRow& application, bool personal) {
    Json about(json_pack("{s:s, s:i, s:s, s:s, s:I, s:s, s:s}", "application", application.id.c_str(),
                         "event", static_cast<int>(application.event), "form", application.form.c_str(),
                         "state", application.state.c_str(), "tickets",
                         static_cast<json_int_t>(application.tickets), "submitted_at",
                         application.submitted_at.c_str(), "decided_at", application.decided_at.c_str()));
    if (!application.code.empty())
        json_object_set_new(about.get(), "code", json_of(application.code));
    if (personal) {
        json_object_set_new(about.get(), "applicant", json_of(application.applicant));
        json_object_set_new(about.get(), "email", json_of(application.email));
        json_object_set_new(about.get(), "language", json_of(application.language));
        json_object_set_new(about.get(), "fields", parse_json(application.fields).release());
        json_object_set_new(about.get(), "guests", parse_json(application.guests).release());
    }
    return about;
}

void print_line(const ApplicationRow& application, bool personal) {
    std::printf("%s  event %u  %-10s  %-17s  %-17s  %2lld  %s", application.id.c_str(), application.event,
                application.form.c_str(), application.state.c_str(), application.code.c_str(),
                static_cast<long long>(application.tickets), application.submitted_at.c_str());
    if (personal)
        std::printf("  %s  %s", application.applicant.c_str(), application.email.c_str());
    std::putchar('\n');
}

// What a server said may name its recipient.
Json mail_json(const MailRow& mail, bool personal) {
    Json about(json_pack("{s:I, s:s, s:I, s:s, s:I, s:I, s:s}", "mail", static_cast<json_int_t>(mail.id),
                         "kind", mail.kind.c_str(), "generation", static_cast<json_int_t>(mail.generation),
                         "state", mail.state.c_str(), "attempts", static_cast<json_int_t>(mail.attempts),
                         "last_code", static_cast<json_int_t>(mail.last_code), "created_at",
                         mail.created_at.c_str()));
    if (!mail.next_at.empty())
        json_object_set_new(about.get(), "next_at", json_of(mail.next_at));
    if (!mail.ended_at.empty())
        json_object_set_new(about.get(), "ended_at", json_of(mail.ended_at));
    if (personal) {
        json_object_set_new(about.get(), "recipient", json_of(mail.recipient));
        json_object_set_new(about.get(), "last_text", json_of(mail.last_text));
    }
    return about;
}

void print_mail(const MailRow& mail, bool personal) {
    std::printf("  %s  mail %lld (%s): %s, attempts %lld, last code %lld", mail.created_at.c_str(),
                static_cast<long long>(mail.id), mail.kind.c_str(), mail.state.c_str(),
                static_cast<long long>(mail.attempts), static_cast<long long>(mail.last_code));
    if (!mail.ended_at.empty())
        std::printf(", ended %s", mail.ended_at.c_str());
    if (!mail.next_at.empty())
        std::printf(", next try %s", mail.next_at.c_str());
    if (personal)
        std::printf(", to %s: %s", mail.recipient.c_str(), mail.last_text.c_str());
    std::putchar('\n');
}

// So many in one transaction: others need the rows, too.
constexpr std::size_t most_at_once = 50;

// Before anything is changed: all of them are there, and each can be judged so.
void require_judgeable(ApplicationDesk& desk, const std::vector<std::string>& ids, Verdict verdict) {
    const std::string done = verdict == Verdict::approve ? "issued" : "refused";
    for (const std::string& id : ids) {
        const ApplicationRow application = desk.find(id);
        const bool already =
            application.state == done && (verdict == Verdict::approve || application.code == "rejected");
        const bool judgeable = application.state == "awaiting_approval" ||
                               (verdict == Verdict::reject && application.state == "waiting");
        if (!already && !judgeable)
            throw LedgerRefusal("application " + id + " is " + application.state +
                                " and does not await approval");
    }
}

} // namespace

void list_applications(const Configuration& configuration, const ApplicationWish& wish) {
    Database database = open_ledger(configuration);
    const ApplicationFilter filter{event_named(database, wish.event), wish.form, wish.state, wish.applicant,
                                   wish.limit};
    const auto applications = ApplicationDesk(database).list(filter);
    Json list(json_array());
    for (const ApplicationRow& application : applications) {
        if (wish.json)
            json_array_append_new(list.get(), application_json(application, wish.personal).release());
        else
            print_line(application, wish.personal);
    }
    if (wish.json)
        print(list);
    else if (applications.empty())
        std::cout << "no application\n";
}

void show_application(const Configuration& configuration, const std::string& id,
                      const ApplicationWish& wish) {
    Database database = open_ledger(configuration);
    ApplicationDesk desk(database);
    const ApplicationRow application = desk.find(id);
    const Json about = application_json(application, wish.personal);
    Json tickets(json_array()), changes(json_array()), mails(json_array()), bounces(json_array());
    if (!wish.json)
        print_line(application, wish.personal);
    for (const TicketRow& ticket : TicketLedger(database).list(application.event, "", id, 1000)) {
        json_array_append_new(tickets.get(),
                              json_pack("{s:s, s:I, s:s}", "reference", ticket.reference.c_str(), "serial",
                                        static_cast<json_int_t>(ticket.serial), "status",
                                        ticket.status.c_str()));
        if (!wish.json)
            std::printf("  ticket %s  %s%s%s\n", ticket.reference.c_str(), ticket.status.c_str(),
                        wish.personal ? "  " : "", wish.personal ? ticket.guest.c_str() : "");
    }
    for (const ApplicationChange& change : desk.changes(application)) {
        json_array_append_new(changes.get(),
                              json_pack("{s:s, s:s, s:s}", "change", change.kind.c_str(), "reason",
                                        change.reason.c_str(), "at", change.changed_at.c_str()));
        if (!wish.json)
            std::printf("  %s  %s: %s\n", change.changed_at.c_str(), change.kind.c_str(),
                        change.reason.c_str());
    }
    for (const MailRow& mail : JobLedger(database).mails_of(id)) {
        json_array_append_new(mails.get(), mail_json(mail, wish.personal).release());
        if (!wish.json)
            print_mail(mail, wish.personal);
    }
    for (const NotedBounce& bounce : BounceLedger(database).of_application(id)) {
        json_array_append_new(bounces.get(),
                              json_pack("{s:I, s:s, s:s, s:s}", "mail", static_cast<json_int_t>(bounce.mail),
                                        "kind", bounce.kind.c_str(), "status", bounce.status.c_str(), "at",
                                        bounce.noted_at.c_str()));
        if (!wish.json)
            std::printf("  %s  mail %lld came back: %s %s%s%s\n", bounce.noted_at.c_str(),
                        static_cast<long long>(bounce.mail), bounce.kind.c_str(), bounce.status.c_str(),
                        wish.personal ? "  " : "", wish.personal ? bounce.said.c_str() : "");
    }
    const auto why = BounceLedger(database).reason_against(application.email);
    json_object_set_new(about.get(), "suppressed", json_boolean(why.has_value()));
    if (why && !wish.json)
        std::printf("  its address gets no mail any more%s%s\n", wish.personal ? ": " : "",
                    wish.personal ? why->c_str() : " (mogirictl mail suppressed list)");
    json_object_set_new(about.get(), "bounces", bounces.release());
    json_object_set_new(about.get(), "mails", mails.release());
    json_object_set_new(about.get(), "of_tickets", tickets.release());
    json_object_set_new(about.get(), "changes", changes.release());
    if (wish.json)
        print(about);
}

void cancel_applications(const Configuration& configuration, const Cancellation& wish) {
    Database database = open_ledger(configuration);
    ApplicationDesk desk(database);
    for (const std::string& id : wish.applications)
        desk.find(id); // all of them or none
    const std::vector<std::int64_t> rows = desk.cancel(wish.applications, wish.reason);
    TicketLedger tickets(database);
    const bool known = await([&] { return tickets.unconfirmed(rows) == 0; });
    Json list(json_array());
    for (const std::string& id : wish.applications) {
        json_array_append_new(list.get(), json_pack("{s:s, s:s, s:b}", "application", id.c_str(), "state",
                                                    "cancelled", "published", known));
        if (!wish.json && known)
            std::cout << "application " << id << " is cancelled\n";
    }
    if (wish.json)
        print(list);
    if (!known)
        throw CommandFailure(
            ExitStatus::unpublished,
            "the cancellation is noted and will be published as soon as mogirid and Redis run "
            "(mogirictl doctor); until then the door may still let the tickets in");
}

void judge_applications(const Configuration& configuration, Verdict verdict, const Approval& wish) {
    const std::uint8_t key = signing_key(configuration);
    Database database = open_ledger(configuration);
    ApplicationDesk applications(database);
    require_judgeable(applications, wish.applications, verdict);
    ApprovalDesk desk(database, key);
    std::vector<std::int64_t> rows;
    for (std::size_t done = 0; done < wish.applications.size();) {
        const auto first = wish.applications.begin() + static_cast<std::ptrdiff_t>(done);
        const std::size_t count = std::min(most_at_once, wish.applications.size() - done);
        const std::vector<std::string> ids(first, first + static_cast<std::ptrdiff_t>(count));
        const auto owed =
            verdict == Verdict::approve ? desk.approve(ids, wish.reason) : desk.reject(ids, wish.reason);
        rows.insert(rows.end(), owed.begin(), owed.end());
        done += count;
        if (wish.applications.size() > most_at_once)
            std::cerr << done << " of " << wish.applications.size() << '\n';
    }
    TicketLedger tickets(database);
    const bool known = await([&] { return tickets.unconfirmed(rows) == 0; });
    Json list(json_array());
    for (const std::string& id : wish.applications) {
        const ApplicationRow application = applications.find(id);
        Json about = application_json(application, false);
        json_object_set_new(about.get(), "published", json_boolean(known));
        if (!wish.json)
            std::cout << "application " << id << " is "
                      << (verdict == Verdict::approve ? "approved" : "rejected")
                      << "; its mail is on its way\n";
        json_array_append_new(list.get(), about.release());
    }
    if (wish.json)
        print(list);
    if (!known)
        throw CommandFailure(ExitStatus::unpublished, "stored, but the door and the status pages do not know "
                                                      "it yet: mogirid will publish it as soon as "
                                                      "it and Redis run (mogirictl doctor)");
}

} // namespace mogiri::daemon
