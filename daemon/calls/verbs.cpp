// What can be called: one table of verbs and the functions that carry them out.
#include "verbs.hpp"

#include <algorithm>
#include <array>

#include "../exports/subjects.hpp"
#include "../ledger/listing.hpp"
#include "analytics_verb.hpp"
#include "applicant_verbs.hpp"
#include "box_office_verbs.hpp"
#include "bundle_verb.hpp"
#include "calendar_verb.hpp"
#include "correction_verb.hpp"
#include "device_verbs.hpp"
#include "erasure_verb.hpp"
#include "event_draft_verbs.hpp"
#include "event_verbs.hpp"
#include "export_verb.hpp"
#include "key_verbs.hpp"
#include "mail_verbs.hpp"
#include "overview_verb.hpp"
#include "mailing_verbs.hpp"
#include "resource_verbs.hpp"
#include "roster_verbs.hpp"
#include "session_verbs.hpp"
#include "staff_verbs.hpp"
#include "ticket_verbs.hpp"
#include "user_verbs.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::array table = {
    Verb{"application.find", true, find_applications},
    Verb{"application.show", false, show_application},
    Verb{"application.resend", true, resend_tickets},
    Verb{"application.confirm", true, confirm_address},
    Verb{"application.leave", true, leave_waiting_list},
    Verb{"application.calendar", false, draw_calendar},
    Verb{"ticket.image", false, draw_ticket},
    Verb{"ticket.pdf", false, draw_ticket_pdf},
    Verb{"ticket.rename", true, rename_ticket, ticket_to_hold},
    Verb{"ticket.return", true, return_ticket, ticket_to_hold},
    Verb{"session.login", false, log_in},
    Verb{"session.logout", false, log_out},
    Verb{"session.list", false, list_sessions},
    Verb{"session.end", false, end_session},
    Verb{"me.show", false, show_me},
    Verb{"password.change", false, change_password},
    Verb{"password.forget", false, forget_password},
    Verb{"password.set", false, set_password},
    Verb{"key.admit", false, admit_key},
    Verb{"analytics", false, show_analytics},
    Verb{"analytics.show", false, show_analytics},
    Verb{"overview.show", false, show_overview},
    Verb{"key.create", true, create_key},
    Verb{"key.change", true, change_key},
    Verb{"key.revoke", true, revoke_key},
    Verb{"user.create", true, create_user},
    Verb{"user.change", true, change_user},
    Verb{"user.withdraw", true, withdraw_invitation},
    Verb{"user.sessions", false, list_sessions_of_user},
    Verb{"user.end_session", true, end_session_of_user},
    Verb{"user.end_sessions", true, end_sessions_of_user},
    Verb{"user.invite", true, invite_user},
    Verb{"erasure.create", true, erase_person},
    Verb{"application.cancel", true, cancel_application},
    Verb{"application.correct", true, correct_application, corrected_to_hold},
    Verb{"application.approve", true, approve_application},
    Verb{"application.reject", true, reject_application},
    Verb{"ticket.revoke", true, revoke_ticket},
    Verb{"ticket.reissue", true, reissue_ticket, reissue_to_hold},
    Verb{"ticket.issue", true, issue_tickets},
    Verb{"ticket.restore", true, restore_ticket},
    Verb{"ticket.correct", true, correct_ticket, reissue_to_hold},
    Verb{"ticket.find", false, find_ticket},
    Verb{"ticket.picture", false, draw_ticket_of_staff},
    Verb{"ticket.picture_pdf", false, draw_pdf_of_staff},
    Verb{"ticket.of_applicant", false, show_applicants_ticket},
    Verb{"mail.resend_all", true, resend_to_applicant},
    Verb{"mail.resend", true, resend_mail},
    Verb{"mail.preview", false, preview_mail},
    Verb{"mail.preview_html", false, draw_mail},
    Verb{"mail.retry", true, retry_mail},
    Verb{"mail.unsuppress", true, unsuppress_mail},
    Verb{"mail.resend_ticket", true, resend_ticket},
    Verb{"mailing.create", true, order_mailing},
    Verb{"mailing.change", true, change_mailing},
    Verb{"device.create", true, create_device},
    Verb{"device.change", true, change_device},
    Verb{"device.revoke", true, revoke_device},
    Verb{"device.invite", true, invite_device},
    Verb{"device.claim", true, claim_device},
    Verb{"device.code", false, show_claim},
    Verb{"device.code_svg", false, draw_claim_svg},
    Verb{"device.code_png", false, draw_claim_png},
    Verb{"event.create", true, create_event},
    Verb{"event.replace", true, replace_event},
    Verb{"event.copy", true, copy_event},
    Verb{"event.state", true, change_event_state},
    Verb{"event.check", false, check_event},
    Verb{"event.sample", false, draw_sample},
    Verb{"event.layouts", false, list_layouts},
    Verb{"form.roster", false, show_roster},
    Verb{"form.check_roster", false, check_roster},
    Verb{"form.import_roster", true, import_roster},
    Verb{"form.clear_roster", true, clear_roster},
    Verb{"door.bundle", false, bundle_tickets},
    Verb{"door.names", false, bundle_names},
    Verb{"event.day", true, force_event_day},
    Verb{"event.reset_use", true, reset_use},
    Verb{"event.reset_counts", true, reset_counts},
};

// "export.<subject>" of every subject.
constexpr Verb exporting{"export", false, stream_export};

// "<name>.list" and "<name>.look" of every resource.
constexpr Verb listing{"list", false, list_resource}, looking{"look", false, show_resource};

} // namespace

CallResult refusal(int status, std::string_view code, std::int64_t retry_after) {
    const Json body(json_object());
    json_object_set_new(body.get(), "code", json_of(code));
    if (retry_after > 0)
        json_object_set_new(body.get(), "retry_after", json_integer(retry_after));
    return {status, json_text(body.get())};
}

const Verb* find_verb(std::string_view name) {
    const auto verb = std::ranges::find(table, name, &Verb::name);
    if (verb != table.end())
        return &*verb;
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::string_view what = name.substr(dot);
    if (name.substr(0, dot) == exporting.name)
        return find_export_subject(what.substr(std::min<std::size_t>(what.size(), 1))) ? &exporting : nullptr;
    if (!find_resource(name.substr(0, dot)) || (what != ".list" && what != ".look"))
        return nullptr;
    return what == ".list" ? &listing : &looking;
}

} // namespace mogiri::daemon
