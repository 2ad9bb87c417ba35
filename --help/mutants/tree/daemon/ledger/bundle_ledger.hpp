// Tickets for the offline bundle, and which of them changed since a version that a scanner has.
//
// A version is where PostgreSQL's transactions were: every row says which transaction wrote it, so nobody has
// to keep a list of changes. What a transaction that was under way then has written is told once more, or for
// the first time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "../database.hpp"

namespace mogiri::daemon {

struct BundleVersion {
    std::string cluster;        // of PostgreSQL: another one counts its transactions otherwise
    std::uint64_t settings = 0; // version of the event's
    std::uint8_t key_id = 0;    // of the salt
    std::uint64_t before = 0;   // all transactions below are in it

    std::string text() const;
    // Nothing when it is none.
    static std::optional<BundleVersion> parse(std::string_view text);
    // Whether changes can be told since `earlier`; else all tickets must be.
    bool follows(const BundleVersion& earlier) const;
};

struct BundleRow {
    std::uint64_t serial = 0;
    std::string kind, name;
    bool revoked = false;
    std::uint8_t key_id = 0;
    std::string uses; // "1:0:2 3:1:1": day, inside, admissions that count
};

// All of it sees one moment. Test tickets are left out.
class BundleLedger {
  public:
    // `database` outlives this object, and is in no transaction.
    explicit BundleLedger(Database& database);

    BundleVersion version(std::uint32_t event, std::uint64_t settings, std::uint8_t key_id);
    // In the order of their serials. With `since`, only what may have changed since; with `names`, only what
    // concerns names.
    void each(std::uint32_t event, const std::optional<BundleVersion>& since, bool names,
              const std::function<void(const BundleRow&)>& take);

  private:
    Database& database_;
    Transaction transaction_;
};

} // namespace mogiri::daemon
