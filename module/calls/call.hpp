// One way for a handler to have the daemon do something: the request waits for the answer, or for the end of
// its time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/contract/call.hpp"
#include "http/parked.hpp"
#include "redis/settings_cache.hpp"

namespace mogiri::module {

// Who carries a call out: passwords take a tenth of a second each and wait for one another, nobody else does.
// So does what is streamed, as long as its reader takes.
enum class Desk { calls, logins, exports };

struct CallOrder {
    SettingsPtr event;
    std::string verb;             // "application.resend": daemon/calls/verbs.cpp has them all
    std::string actor;            // "application:<id>"
    std::string arguments = "{}"; // a JSON object
    std::string key = {};         // the idempotency key of a write; empty: a read
    bool awaited = true;          // false: answered with 202 as soon as Redis has it
    std::string origin = {};      // the client's address
    Desk desk = Desk::calls;
};

// What came of it. From 400 on nothing was done, but after 504, when nobody knows.
struct CallOutcome {
    int status = 200;
    std::string body = "{}"; // the daemon's JSON
    // Of 400 and above: the daemon's code, or our own: "key_reused" (409), "busy", "not_ready" (503; not
    // taken), "timed_out" (504).
    std::string code = {};
    int retry_after = 0; // seconds
    // A big answer itself, as long as the handler of the outcome runs.
    std::string_view content_type = {}, content = {};
    // Of one that comes in chunks: what calls/stream.hpp needs to send it.
    std::optional<StreamedAnswer> stream = std::nullopt;
    std::shared_ptr<Parked> parked = nullptr;
    std::string call = {}; // its id
};

// Sends the answer, or says Parked::still_parked, having put more work under way.
using OnOutcome = std::function<ngx_int_t(Request, const CallOutcome&)>;

// Parks the request: what a content handler or a reader of a body returns.
ngx_int_t call(Request request, CallOrder order, OnOutcome respond);
// For a request that is parked already: what a Parked::Respond returns.
ngx_int_t call(const std::shared_ptr<Parked>& parked, CallOrder order, OnOutcome respond);

} // namespace mogiri::module
