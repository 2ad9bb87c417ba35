// Mails that came back, in the ledger, and addresses to which nothing is sent any more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

// A mail of ours that somebody has named who has it.
struct ReturnedMail {
    std::int64_t id = 0;
    std::uint32_t event = 0;
    std::string application;
};

struct NotedBounce {
    std::int64_t mail = 0;
    std::string kind, status, said, noted_at;
};

class BounceLedger {
  public:
    // `database` outlives this object.
    explicit BounceLedger(Database& database) : database_(database) {}

    // Nothing when no mail has one of the Message-IDs or the provider's id.
    std::optional<ReturnedMail> find(const std::vector<std::string>& message_ids,
                                     std::string_view provider_id);

    // Notes it, once however often it is told. `hard` and `complaint` suppress the address that the mail went
    // to, whatever the bounce says of another. False when it was noted before.
    bool note(const ReturnedMail& mail, std::string_view kind, std::string_view status, std::string_view said,
              std::string_view source);

    std::vector<NotedBounce> of_application(const std::string& application);

    // Why nothing is sent to this address; nothing when it is as others are.
    std::optional<std::string> reason_against(std::string_view email);

    // False when the address of that mail is not suppressed.
    bool lift(std::int64_t mail);
    bool lift(std::string_view email);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
