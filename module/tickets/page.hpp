// The status page of an issued application: its tickets, and what its applicant can do with them.
#pragma once

#include <memory>

#include "daemon/contract/apply_job.hpp"
#include "http/parked.hpp"
#include "http/routes.hpp"
#include "pages/outcome.hpp"
#include "pages/visit.hpp"

namespace mogiri::module {

// For GET /apply/result/<id>, parked: the page with the tickets, as the daemon tells them; without them when
// it does not answer in time but the application is known to be issued. What a Parked::Respond returns.
ngx_int_t show_tickets(const std::shared_ptr<Parked>& parked, const PageVisit& page,
                       const std::string& application, const std::optional<Answer>& answer);

// For the forms of an application's page.
NewToken tokens_of_page(Request request, const PageVisit& page, const std::string& application);

// GET /apply/result/<id>/confirm/<token>: the page that the link in a mail leads to; mail scanners follow
// links, so only its button (POST) confirms the address.
ngx_int_t serve_address(Request request, const Visit& visit);

// GET /apply/result/<id>/calendar.ics
ngx_int_t serve_calendar(Request request, const Visit& visit);

// GET /apply/result/<id>/ticket/<n>.png, <n>.pdf
ngx_int_t serve_ticket_picture(Request request, const Visit& visit);

// POST /apply/result/<id>/resend, …/ticket/<n>/rename, and the pages that ask before …/ticket/<n>/return and
// …/leave
ngx_int_t serve_typed_resend(Request request, const Visit& visit);
ngx_int_t serve_typed_rename(Request request, const Visit& visit);
ngx_int_t serve_typed_return(Request request, const Visit& visit);
ngx_int_t serve_typed_leave(Request request, const Visit& visit);

} // namespace mogiri::module
