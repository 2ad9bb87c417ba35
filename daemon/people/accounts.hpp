// Accounts, programs' keys and links by mail in the ledger: who may log in, and as what.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <session.hpp>

#include "../database.hpp"

namespace mogiri::daemon {

struct Account {
    std::int64_t number = 0, version = 0;
    std::string name, email, language;
    std::optional<std::string> password_hash;
    bool disabled = false;
    std::vector<Grant> grants;

    std::string actor() const { return "account:" + std::to_string(number); }
    Principal principal() const { return {actor(), name, grants}; }
};

// What is wrong with a field of an account or a key: "taken", "invalid_format".
class AccountFault : public std::runtime_error {
  public:
    AccountFault(std::string field, const std::string& code)
        : std::runtime_error(code), field_(std::move(field)) {}
    const std::string& field() const { return field_; }

  private:
    std::string field_;
};

struct NewKey {
    std::string name, role;
    std::vector<std::string> scopes;
    std::optional<std::uint32_t> event;
    std::optional<int> days; // until it ends; none: never
};

// "account:12" → 12; nothing for other actors.
std::optional<std::int64_t> account_of(std::string_view actor);

inline constexpr std::string_view roles[] = {"student", "teacher", "scanner", "supervisor", "staff", "admin"};

// From now on, until the end of the transaction (or of the connection, `lasting`), what changes is noted in
// the audit log in this name.
void act_as(Database& database, std::string_view actor, std::string_view origin, std::string_view verb,
            bool lasting = false);
// A row of the audit log that no change of a table makes.
void note_deed(Database& database, std::string_view subject);

class Accounts {
  public:
    // `database` outlives this object.
    explicit Accounts(Database& database) : database_(database) {}

    // By its name, or its address in any spelling.
    std::optional<Account> find_login(std::string_view login);
    // `lock`: for the caller's transaction.
    std::optional<Account> find(std::int64_t number, bool lock = false);

    // All throw AccountFault, and belong into the caller's transaction.
    std::int64_t add(std::string_view name, std::string_view email, std::string_view language);
    void change(const Account& account, const std::optional<std::string>& name,
                const std::optional<std::string>& email, const std::optional<std::string>& language,
                std::optional<bool> disabled);
    void set_grants(std::int64_t number, const std::vector<Grant>& grants);
    void set_password(std::int64_t number, std::string_view hash);
    void note_login(std::int64_t number);

    // A link by mail, and the row of mail_outbox that carries it. Nothing when there were three within the
    // hour.
    std::optional<std::int64_t> owe_link(const Account& account, std::string_view kind, std::uint32_t event);
    // The account of a link that may still be used; locks the link.
    std::optional<std::int64_t> account_of_link(std::int64_t link);
    void use_links(std::int64_t account);

    // Returns its number. `hash`: token_hash() of the key.
    std::int64_t add_key(const NewKey& key, std::string_view hash);
    // Its version, locked; nothing when there is none that may be used.
    std::optional<std::int64_t> lock_key(std::int64_t number);
    void rename_key(std::int64_t number, std::string_view name);
    // Returns the hash of what is to be taken back from Redis; nothing when there is none that may be used.
    std::optional<std::string> revoke_key(std::string_view name_or_number);
    std::optional<Principal> key_with(std::string_view hash);

  private:
    std::optional<Account> read(const Result& rows);

    Database& database_;
};

} // namespace mogiri::daemon
