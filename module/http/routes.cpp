// The table of addresses, and the walk from a path to its handler.
#include "http/routes.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "api/api.hpp"
#include "apply/apply.hpp"
#include "apply/status.hpp"
#include "directives.hpp"
#include "door/bundle.hpp"
#include "door/offline_batch.hpp"
#include "door/old_paths.hpp"
#include "door/paths.hpp"
#include "door/supervision.hpp"
#include "door/watch.hpp"
#include "health.hpp"
#include "http/context.hpp"
#include "http/parked.hpp"
#include "http/problem_page.hpp"
#include "pages/draft.hpp"
#include "pages/password.hpp"
#include "pages/visit.hpp"
#include "tickets/find.hpp"
#include "tickets/page.hpp"
#include "tickets/program.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

constexpr ngx_msec_t longest_hold = 300;

// Some 60,000 lines.
constexpr std::size_t longest_roster = 4 * 1024 * 1024;

constexpr ngx_uint_t get = NGX_HTTP_GET | NGX_HTTP_HEAD;

using enum KeyUse;
using enum SessionUse;
using who::admin, who::all_events, who::device, who::everyone, who::member, who::staff, who::supervisor;

constexpr ngx_uint_t put = NGX_HTTP_PUT, post = NGX_HTTP_POST, patch = NGX_HTTP_PATCH,
                     remove = NGX_HTTP_DELETE, fetch = NGX_HTTP_GET;

// A row of the API.
constexpr Route api(std::string_view name, std::string_view path, ngx_uint_t methods, Who who, ApiCall call) {
    const PathKind kind = path.find('{') == path.npos ? PathKind::exact : PathKind::with_gaps;
    return {name, path, kind, methods, serve_api, who, Served::with_events, call};
}

// An export: streamed, and therefore nothing that HEAD could be told of. Problems are JSON.
constexpr ApiCall exported(std::string_view verb) {
    return {verb, none, kept, Desk::exports,
            "application/json text/csv application/jsonl application/vnd.sqlite3 application/pdf"};
}

// Who may ask for what: a row without anybody is answered to nobody.
constexpr std::array table = {
    // First, for it is asked for most, and rows are looked through.
    Route{"checkin", "/api/v1/checkin", PathKind::exact, NGX_HTTP_POST, serve_checkin, device},
    Route{"index", "/", PathKind::exact, get, serve_index, everyone},
    Route{"find", "/apply/find", PathKind::exact, get | NGX_HTTP_POST, serve_find, everyone},
    Route{"form", "/apply/", PathKind::with_rest, get | NGX_HTTP_POST, serve_form, everyone},
    Route{"result", "/apply/result/", PathKind::with_rest, get, serve_result, everyone},
    Route{"ticket_picture", "/apply/result/*/ticket/*", PathKind::with_gaps, get, serve_ticket_picture,
          everyone},
    Route{"calendar", "/apply/result/*/calendar.ics", PathKind::with_gaps, get, serve_calendar, everyone},
    Route{"address", "/apply/result/*/confirm/*", PathKind::with_gaps, get | NGX_HTTP_POST, serve_address,
          everyone},
    Route{"typed_resend", "/apply/result/*/resend", PathKind::with_gaps, NGX_HTTP_POST, serve_typed_resend,
          everyone},
    Route{"typed_leave", "/apply/result/*/leave", PathKind::with_gaps, get | NGX_HTTP_POST, serve_typed_leave,
          everyone},
    Route{"typed_rename", "/apply/result/*/ticket/*/rename", PathKind::with_gaps, NGX_HTTP_POST,
          serve_typed_rename, everyone},
    Route{"typed_return", "/apply/result/*/ticket/*/return", PathKind::with_gaps, get | NGX_HTTP_POST,
          serve_typed_return, everyone},
    Route{"password", "/password", PathKind::exact, get, serve_password, everyone},
    Route{"asset", "/pages/", PathKind::with_rest, get, serve_asset, everyone, Served::always},
    Route{"apply", "/api/v1/apply", PathKind::exact, NGX_HTTP_POST, serve_apply, everyone},
    Route{"status", "/api/v1/applications/", PathKind::with_rest, get, serve_status, everyone},
    Route{"resend", "/api/v1/applications/*/resend", PathKind::with_gaps, NGX_HTTP_POST, serve_resend,
          everyone},
    Route{"leave", "/api/v1/applications/*/leave", PathKind::with_gaps, NGX_HTTP_POST, serve_leave, everyone},
    Route{"rename", "/api/v1/applications/*/tickets/*/rename", PathKind::with_gaps, NGX_HTTP_POST,
          serve_rename, everyone},
    Route{"return", "/api/v1/applications/*/tickets/*/return", PathKind::with_gaps, NGX_HTTP_POST,
          serve_return, everyone},
    Route{"door_bundle", "/api/v1/door/bundle", PathKind::exact, get, serve_bundle, device},
    Route{"door_names", "/api/v1/door/bundle/names", PathKind::exact, get, serve_bundle_names, device},
    Route{"offline_batch", "/api/v1/checkin/batch", PathKind::exact, post, serve_offline_batch, device},
    Route{"undo", "/api/v1/checkin/undo", PathKind::exact, post, serve_undo, device | supervisor | admin,
          Served::with_events, {"scan.undo"}},
    Route{"force", "/api/v1/checkin/force", PathKind::exact, post, serve_force, device | supervisor | admin,
          Served::with_events, {"scan.force"}},
    Route{"door_stats", "/api/v1/door/stats", PathKind::exact, get, serve_door_stats, device | supervisor | staff | admin,
          Served::with_events, {"scan.stats"}},
    Route{"door_stream", "/api/v1/door/stream", PathKind::exact, NGX_HTTP_GET, serve_door_stream,
          device | supervisor | staff | admin, Served::with_events, {"scan.stream"}},
    Route{"old_entry", "/api/v1/entry/validate/", PathKind::with_rest, NGX_HTTP_GET, serve_old_entry, device,
          Served::where_old_paths_are_on},
    Route{"old_exit", "/api/v1/exit/validate/", PathKind::with_rest, NGX_HTTP_GET, serve_old_exit, device,
          Served::where_old_paths_are_on},
    Route{"old_entry_total", "/api/v1/entry/total_number", PathKind::exact, get, serve_old_entry_total,
          device, Served::where_old_paths_are_on},
    Route{"old_exit_total", "/api/v1/exit/total_number", PathKind::exact, get, serve_old_exit_total, device,
          Served::where_old_paths_are_on},

    api("login", "/api/v1/login", post, everyone, {"session.login", none, begins, Desk::logins}),
    api("password_forget", "/api/v1/password/forget", post, everyone,
        {.verb = "password.forget", .unawaited = true}),
    api("password_set", "/api/v1/password/set", post, everyone, {"password.set", none, kept, Desk::logins}),
    api("logout", "/api/v1/logout", post, member, {"session.logout", none, ends}),
    api("me", "/api/v1/me", get, member, {"me.show"}),
    api("password_change", "/api/v1/me/password", post, member,
        {"password.change", none, begins, Desk::logins}),
    api("session_list", "/api/v1/me/sessions", get, member, {"session.list"}),
    api("session_end", "/api/v1/me/sessions/{session}", remove, member, {"session.end"}),

    api("application_list", "/api/v1/applications", get, staff | admin, {"application.list"}),
    api("application_look", "/api/v1/applications/{application}/record", get, staff | admin,
        {"application.look"}),
    api("application_correct", "/api/v1/applications/{application}/record", patch, admin,
        {"application.correct", needed}),
    api("application_approve", "/api/v1/applications/{application}/approve", post, admin,
        {"application.approve", needed}),
    api("application_reject", "/api/v1/applications/{application}/reject", post, admin,
        {"application.reject", needed}),
    api("application_cancel", "/api/v1/applications/{application}/cancel", post, admin,
        {"application.cancel", needed}),
    api("ticket_list", "/api/v1/tickets", get, supervisor | staff | admin, {"ticket.list"}),
    api("ticket_find", "/api/v1/tickets/find", post, supervisor | staff | admin,
        {.verb = "ticket.find", .only_reads = true}),
    api("ticket_look", "/api/v1/tickets/{ticket}", get, supervisor | staff | admin, {"ticket.look"}),
    api("ticket_revoke", "/api/v1/tickets/{ticket}/revoke", post, admin, {"ticket.revoke", needed}),
    api("ticket_reissue", "/api/v1/tickets/{ticket}/reissue", post, admin, {"ticket.reissue", needed}),
    api("ticket_restore", "/api/v1/tickets/{ticket}/restore", post, admin, {"ticket.restore", needed}),
    api("ticket_correct", "/api/v1/tickets/{ticket}/rename", post, admin, {"ticket.correct", needed}),
    api("ticket_resend", "/api/v1/tickets/{ticket}/resend", post, admin, {"mail.resend_ticket", needed}),
    api("ticket_of_staff", "/api/v1/tickets/{ticket}/picture", get, staff | admin,
        {.verb = "ticket.picture", .type = "image/png"}),
    api("ticket_pdf_of_staff", "/api/v1/tickets/{ticket}/picture.pdf", get, staff | admin,
        {.verb = "ticket.picture_pdf", .type = "application/pdf"}),
    api("ticket_issue", "/api/v1/applications/{application}/tickets", post, admin, {"ticket.issue", needed}),
    api("applicant_ticket", "/api/v1/applicants/{applicant}/tickets/{number}", get,
        supervisor | staff | admin, {"ticket.of_applicant"}),
    api("applicant_resend", "/api/v1/applicants/{applicant}/resend", post, admin,
        {"mail.resend_all", needed}),
    api("user_list", "/api/v1/users", get, admin | all_events, {"user.list"}),
    api("user_create", "/api/v1/users", post, admin | all_events, {"user.create", needed}),
    api("user_look", "/api/v1/users/{user}", get, admin | all_events, {"user.look"}),
    api("user_change", "/api/v1/users/{user}", patch, admin | all_events, {"user.change", needed}),
    api("user_sessions", "/api/v1/users/{user}/sessions", get, admin | all_events, {"user.sessions"}),
    api("user_end_sessions", "/api/v1/users/{user}/sessions", remove, admin | all_events, {"user.end_sessions"}),
    api("user_end_session", "/api/v1/users/{user}/sessions/{session}", remove, admin | all_events,
        {"user.end_session"}),
    api("user_invite", "/api/v1/users/{user}/invite", post, admin | all_events, {"user.invite", needed}),
    api("user_withdraw", "/api/v1/users/{user}/invite", remove, admin | all_events, {"user.withdraw"}),
    api("key_list", "/api/v1/keys", get, admin | all_events, {"key.list"}),
    api("key_create", "/api/v1/keys", post, admin | all_events,
        {.verb = "key.create", .key = needed, .secret = SecretUse::api_key}),
    api("key_look", "/api/v1/keys/{key}", get, admin | all_events, {"key.look"}),
    api("key_change", "/api/v1/keys/{key}", patch, admin | all_events, {"key.change", needed}),
    api("key_revoke", "/api/v1/keys/{key}", remove, admin | all_events, {"key.revoke"}),
    api("event_list", "/api/v1/events", get, staff | admin, {"event.list"}),
    api("event_look", "/api/v1/events/{event}", get, staff | admin, {"event.look"}),
    api("event_create", "/api/v1/events", post, admin | all_events,
        {.verb = "event.create", .key = needed, .takes_toml = true}),
    api("event_replace", "/api/v1/events/{event}", put, admin,
        {.verb = "event.replace", .key = needed, .takes_toml = true}),
    api("event_copy", "/api/v1/events/{event}/copy", post, admin | all_events, {"event.copy", needed}),
    api("event_day", "/api/v1/events/{event}/day", post, admin, {"event.day", needed}),
    api("event_reset_use", "/api/v1/events/{event}/reset-use", post, admin, {"event.reset_use", needed}),
    api("event_reset_counts", "/api/v1/events/{event}/reset-counts", post, admin,
        {"event.reset_counts", needed}),
    api("event_state", "/api/v1/events/{event}/state", post, admin, {"event.state", needed}),
    api("event_check", "/api/v1/events/{event}/check", post, admin,
        {.verb = "event.check", .takes_toml = true, .only_reads = true}),
    api("event_sample", "/api/v1/events/{event}/sample", post, admin,
        {.verb = "event.sample", .type = "image/png", .only_reads = true}),
    api("event_page", "/api/v1/events/{event}/page", post, admin,
        {.verb = "event.page", .local = show_draft, .only_reads = true}),
    api("layout_list", "/api/v1/layouts", get, staff | admin, {"event.layouts"}),
    api("form_list", "/api/v1/forms", get, staff | admin, {"form.list"}),
    api("form_look", "/api/v1/forms/{form}", get, staff | admin, {"form.look"}),
    api("roster_look", "/api/v1/forms/{form}/roster", get, staff | admin, {"form.roster"}),
    api("roster_check", "/api/v1/forms/{form}/roster/check", post, admin,
        {.verb = "form.check_roster", .longest = longest_roster, .only_reads = true}),
    api("roster_import", "/api/v1/forms/{form}/roster", post, admin,
        {.verb = "form.import_roster", .key = needed, .longest = longest_roster}),
    api("roster_clear", "/api/v1/forms/{form}/roster", remove, admin, {"form.clear_roster"}),
    api("device_list", "/api/v1/devices", get, staff | admin, {"device.list"}),
    api("device_create", "/api/v1/devices", post, admin, {"device.create", needed}),
    api("device_claim", "/api/v1/devices/claim", post, everyone,
        {.verb = "device.claim", .secret = SecretUse::device_key}),
    api("device_look", "/api/v1/devices/{device}", get, staff | admin, {"device.look"}),
    api("device_change", "/api/v1/devices/{device}", patch, admin, {"device.change", needed}),
    api("device_revoke", "/api/v1/devices/{device}", remove, admin, {"device.revoke"}),
    api("device_code", "/api/v1/devices/{device}/code", get, admin, {"device.code"}),
    api("device_code_svg", "/api/v1/devices/{device}/code.svg", get, admin,
        {.verb = "device.code_svg", .type = "image/svg+xml"}),
    api("device_code_png", "/api/v1/devices/{device}/code.png", get, admin,
        {.verb = "device.code_png", .type = "image/png"}),
    api("device_invite", "/api/v1/devices/{device}/code", post, admin, {"device.invite", needed}),
    api("mail_list", "/api/v1/mails", get, staff | admin, {"mail.list"}),
    api("mail_look", "/api/v1/mails/{mail}", get, staff | admin, {"mail.look"}),
    api("mail_preview", "/api/v1/mails/{mail}/preview", get, staff | admin, {"mail.preview"}),
    api("mail_preview_html", "/api/v1/mails/{mail}/preview.html", get, staff | admin,
        {.verb = "mail.preview_html", .type = "text/html"}),
    api("mail_retry", "/api/v1/mails/{mail}/retry", post, admin, {"mail.retry", needed}),
    api("mail_unsuppress", "/api/v1/mails/{mail}/unsuppress", post, admin, {"mail.unsuppress", needed}),
    api("suppression_list", "/api/v1/suppressions", get, staff | admin, {"suppression.list"}),
    api("suppression_look", "/api/v1/suppressions/{suppression}", get, staff | admin, {"suppression.look"}),
    api("mail_resend", "/api/v1/mails/{mail}/resend", post, admin, {"mail.resend", needed}),
    api("mailing_list", "/api/v1/mailings", get, staff | admin, {"mailing.list"}),
    api("mailing_create", "/api/v1/mailings", post, admin, {"mailing.create", needed}),
    api("mailing_look", "/api/v1/mailings/{mailing}", get, staff | admin, {"mailing.look"}),
    api("mailing_change", "/api/v1/mailings/{mailing}", patch, admin, {"mailing.change", needed}),
    api("send_tickets", "/admin/send-tickets", post, admin, {"mailing.create", needed}),
    api("scan_list", "/api/v1/scans", get, supervisor | staff | admin, {"scan.list"}),
    api("scan_look", "/api/v1/scans/{scan}", get, supervisor | staff | admin, {"scan.look"}),
    api("overview", "/api/v1/overview", get, staff | admin, {"overview.show"}),
    api("analytics", "/api/v1/analytics", get, staff | admin, {"analytics.show"}),
    api("erasure_list", "/api/v1/erasures", get, admin | all_events, {"erasure.list"}),
    api("erasure_create", "/api/v1/erasures", post, admin | all_events, {"erasure.create", needed}),
    api("erasure_look", "/api/v1/erasures/{erasure}", get, admin | all_events, {"erasure.look"}),
    api("audit_list", "/api/v1/audit", get, admin | all_events, {"audit.list"}),
    api("audit_look", "/api/v1/audit/{entry}", get, admin | all_events, {"audit.look"}),

    api("export_applications", "/api/v1/exports/applications", fetch, staff | admin,
        exported("export.applications")),
    api("export_tickets", "/api/v1/exports/tickets", fetch, staff | admin, exported("export.tickets")),
    api("export_users", "/api/v1/exports/users", fetch, admin | all_events, exported("export.users")),
    api("export_scans", "/api/v1/exports/scans", fetch, staff | admin, exported("export.scans")),
    api("export_mails", "/api/v1/exports/mails", fetch, staff | admin, exported("export.mails")),
    api("export_audit", "/api/v1/exports/audit", fetch, admin | all_events, exported("export.audit")),
    api("export_analytics", "/api/v1/exports/analytics", fetch, staff | admin, exported("export.analytics")),
    api("export_door_list", "/api/v1/exports/door-list", fetch, supervisor | staff | admin,
        exported("export.door-list")),
    api("export_everything", "/api/v1/exports/everything", fetch, admin | all_events,
        exported("export.everything")),

    Route{"healthz", "/healthz", PathKind::exact, get, serve_healthz, everyone, Served::always},
    Route{"readyz", "/readyz", PathKind::exact, get, serve_readyz, everyone},
};

// Takes "/e/<slug>" off the path.
std::string_view take_slug(std::string_view& path) {
    constexpr std::string_view prefix = "/e/";
    if (!path.starts_with(prefix)) {
        return {};
    }
    const std::size_t end = path.find('/', prefix.size());
    if (end == std::string_view::npos || end == prefix.size()) {
        return {};
    }
    const std::string_view slug = path.substr(prefix.size(), end - prefix.size());
    path.remove_prefix(end);
    return slug;
}

// Takes the next segment off the path.
std::string_view take_segment(std::string_view& path) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    return segment;
}

bool fits(std::string_view pattern, std::string_view path) {
    if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) {
        return false;
    }
    while (!pattern.empty()) {
        const std::string_view wanted = take_segment(pattern), found = take_segment(path);
        if (wanted == "*" || wanted.starts_with('{') ? found.empty() : wanted != found) {
            return false;
        }
    }
    return path.empty();
}

bool leads(const Route& route, std::string_view path) {
    if (route.kind == PathKind::exact) {
        return path == route.path;
    }
    if (route.kind == PathKind::with_gaps) {
        return fits(route.path, path);
    }
    return path.size() > route.path.size() && path.starts_with(route.path) &&
           path.find('/', route.path.size()) == std::string_view::npos;
}

// Exact rows stand before rows with a rest where both could lead. A path has a row for each method that does
// something else. `methods`: all that the path takes.
const Route* route_of(std::string_view path, Request request, ngx_uint_t& methods) {
    const bool old_paths = request.location_conf().old_paths != 0;
    const Route* first = nullptr;
    for (const Route& route : table) {
        if (!leads(route, path) || (!old_paths && route.served == Served::where_old_paths_are_on)) {
            continue;
        }
        if (first != nullptr && first->path != route.path) {
            break;
        }
        first = first == nullptr ? &route : first;
        methods |= route.methods;
        if (request.is(route.methods)) {
            return &route;
        }
    }
    return first;
}

std::string allowed_methods(ngx_uint_t methods) {
    std::string names;
    const auto add = [&](ngx_uint_t method, std::string_view name) {
        if ((methods & method) != 0) {
            names += names.empty() ? "" : ", ";
            names += name;
        }
    };
    add(NGX_HTTP_GET, "GET");
    add(NGX_HTTP_HEAD, "HEAD");
    add(NGX_HTTP_POST, "POST");
    add(NGX_HTTP_PUT, "PUT");
    add(NGX_HTTP_PATCH, "PATCH");
    add(NGX_HTTP_DELETE, "DELETE");
    return names;
}

} // namespace

std::span<const Route> routes() {
    return table;
}

ngx_int_t serve(Request request) {
    std::string_view path = request.path();
    Visit visit{.slug = take_slug(path), .rest = {}};
    ngx_uint_t methods = 0;
    const Route* route = route_of(path, request, methods);
    if (route == nullptr) {
        return send_error(request, {.status = 404});
    }
    context(request).route = route->name;
    if (!request.is(route->methods)) {
        return send_error(request, {.status = 405, .allow = allowed_methods(methods)});
    }
    if (route->who == who::nobody) {
        return send_error(request, {.status = 403, .code = "forbidden"});
    }
    visit.path = path;
    visit.route = route;
    visit.rest = path.substr(std::min({route->path.find('*'), route->path.size(), path.size()}));
    if (route->served == Served::always || worker().settings.fetched() || !worker().is_fresh()) {
        return route->handler(request, visit);
    }
    // After a reload, requests may be quicker than the first answers of Redis.
    const auto handle = [route, visit](Request held) { return route->handler(held, visit); };
    const auto parked = Parked::park(request, longest_hold, handle);
    worker().settings.when_fetched([parked, handle] { parked->answer(handle); });
    return NGX_DONE;
}

} // namespace mogiri::module
