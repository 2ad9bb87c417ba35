// What applicants do with one of their tickets; argument "ticket": its place in the application, from 1 on.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// Argument "language". Answers a big answer, a PNG that Redis keeps for a minute.
CallResult draw_ticket(CallTools& tools, const Call& call, const json_t* arguments);

// The same as a PDF file for a printer: A4.
CallResult draw_ticket_pdf(CallTools& tools, const Call& call, const json_t* arguments);

// The same of the ticket in that place of an application. `paper`: as PDF.
CallResult picture_of(CallTools& tools, const Call& call, const std::string& application, int position,
                      Language language, std::optional<Paper> paper = std::nullopt);

// Of a rename or a return: the ticket, while it can be changed as far as is known.
std::vector<std::uint64_t> ticket_to_hold(CallTools& tools, const Call& call, const json_t* arguments);

// Argument "name". Before its first entry a ticket is replaced by one with another name, serial and code; the
// old code dies at the door before the call is answered. Answers {"application","ticket","reference","mail"}.
CallResult rename_ticket(CallTools& tools, const Call& call, const json_t* arguments);

// Before its first entry. Answers {"application","ticket","state"}.
CallResult return_ticket(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
