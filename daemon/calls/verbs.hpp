// What can be called: one table of verbs and the functions that carry them out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <call.hpp>
#include <json_owner.hpp>

#include "../database.hpp"
#include "../ledger/application_ledger.hpp"
#include "../ledger/settings_book.hpp"
#include "../mail/ticket_picture.hpp"
#include "../pulse.hpp"
#include "../redis.hpp"

namespace mogiri::daemon {

// What a verb works with: the connections of the thread that carries it out.
struct CallTools {
    PostOffice& office;
    Database& database; // of a write: inside a transaction, which also notes the call
    Redis& redis;
    const SettingsBook& book;
    TicketPictures& pictures;
    ApplicationLedger& applications;
};

struct CallResult {
    int status = 200; // as HTTP has them; from 400 on nothing was done, and what was begun is rolled back
    std::string body; // JSON
    std::vector<std::uint64_t> serials = {};              // of tickets that changed
    std::optional<std::int64_t> mail = std::nullopt;      // row of mail_outbox
    std::optional<std::uint32_t> settings = std::nullopt; // event whose settings changed
    // Of a read: what goes on once it is answered.
    std::function<void(Pulse& pulse, const std::stop_token& stop)> afterwards = nullptr;
};

// {"code"}, and {"retry_after"} in seconds where waiting helps.
CallResult refusal(int status, std::string_view code, std::int64_t retry_after = 0);

struct Verb {
    std::string_view name;
    bool writes;
    // Throws std::invalid_argument for arguments that nginx should not have let through, and what Database
    // and Redis throw.
    CallResult (*perform)(CallTools& tools, const Call& call, const json_t* arguments);
    // Of a write that replaces or ends tickets: which the door refuses meanwhile (DoorHold). Asked outside of
    // its transaction; none: nothing is held.
    std::vector<std::uint64_t> (*to_hold)(CallTools& tools, const Call& call,
                                          const json_t* arguments) = nullptr;
};

// Null when there is none of that name.
const Verb* find_verb(std::string_view name);

} // namespace mogiri::daemon
