// The applications of an address, for who has lost the links to them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

struct LinkedApplication {
    std::string id, email, language;
    std::string submitted; // "2027-05-01 09:30", in the event's time zone
    std::int64_t tickets = 0;
};

class LostLinks {
  public:
    static constexpr int minutes_between_mails = 10;

    // `database` outlives this object.
    explicit LostLinks(Database& database) : database_(database) {}

    // All that were not refused, the latest first. `address`: as normalized_address() has it.
    std::vector<LinkedApplication> of_address(std::uint32_t event, std::string_view address);

    // In a transaction. The row of mail_outbox; nothing when nobody has applied with it, or the last such
    // mail is too young.
    std::optional<std::int64_t> owe_mail(std::uint32_t event, std::string_view address);

  private:
    Database& database_;
};

} // namespace mogiri::daemon
