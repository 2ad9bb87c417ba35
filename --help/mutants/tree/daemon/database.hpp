// One connection to PostgreSQL: parameterised statements only, results as views, typed errors, transactions.
//
// Owner: one thread. Times: every statement is bounded, so that a stalled server becomes LostDatabase.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <libpq-fe.h>

#include "owned.hpp"

namespace mogiri::daemon {

// The connection is gone, or the server takes no work now. Make a new Database, after a pause.
class LostDatabase : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// The server is there and refused one statement; a transaction is over with it.
class RefusedStatement : public std::runtime_error {
  public:
    RefusedStatement(std::string sqlstate, const std::string& text)
        : std::runtime_error(sqlstate + " " + text), sqlstate_(std::move(sqlstate)) {}

    const std::string& sqlstate() const { return sqlstate_; }
    // Whether the data itself was refused (and will be again), rather than the moment: a full disk,
    // a deadlock or a timeout never counts against a job.
    bool blames_data() const;

  private:
    std::string sqlstate_;
};

// For bytea parameters, also as elements of a list.
struct Bytes {
    std::string_view value;
};

// One $n of a statement, in text form. A vector becomes an array: `unnest($1::text[])`.
class Parameter {
  public:
    Parameter(std::nullopt_t) {}
    Parameter(std::string_view text);
    Parameter(const std::string& text) : Parameter(std::string_view(text)) {}
    Parameter(const char* text) : Parameter(std::string_view(text)) {}
    Parameter(Bytes bytes);
    template <typename T>
    requires std::same_as<T, bool> Parameter(T truth) : text_(truth ? "t" : "f") {}
    template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>) Parameter(T number)
        : text_(std::to_string(number)) {}
    template <typename T> Parameter(const std::optional<T>& value) {
        if (value)
            *this = Parameter(*value);
    }
    template <typename T> Parameter(const std::vector<T>& list) : text_("{") {
        for (const T& element : list)
            add_element(Parameter(element));
        *text_ += '}';
    }

    const char* text() const { return text_ ? text_->c_str() : nullptr; }

  private:
    void add_element(const Parameter& element);

    std::optional<std::string> text_;
};

// A row of a Result, valid as long as it.
class Row {
  public:
    Row(const PGresult* result, int row) : result_(result), row_(row) {}

    bool is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }
    std::string_view text(int column) const;
    std::string string(int column) const { return std::string(text(column)); }
    std::int64_t number(int column) const;
    bool truth(int column) const { return text(column) == "t"; }
    std::string bytes(int column) const; // of a bytea column

  private:
    const PGresult* result_;
    int row_;
};

class Result {
  public:
    explicit Result(PGresult* result) : result_(result) {}

    int rows() const { return PQntuples(result_.get()); }
    bool empty() const { return rows() == 0; }
    Row operator[](int row) const { return Row(result_.get(), row); }
    std::vector<std::string> columns() const; // their names
    // Rows that an INSERT, UPDATE or DELETE touched.
    std::int64_t touched() const;
    // The command's tag: "INSERT 0 1", "COMMIT".
    std::string_view command() const { return PQcmdStatus(result_.get()); }

    class Iterator {
      public:
        Iterator(const PGresult* result, int row) : result_(result), row_(row) {}
        Row operator*() const { return Row(result_, row_); }
        Iterator& operator++() { return ++row_, *this; }
        bool operator!=(const Iterator& other) const { return row_ != other.row_; }

      private:
        const PGresult* result_;
        int row_;
    };
    Iterator begin() const { return {result_.get(), 0}; }
    Iterator end() const { return {result_.get(), rows()}; }

  private:
    Owned<PGresult, PQclear> result_;
};

class Database {
  public:
    // `conninfo`: a libpq connection string or URL. `name` stands in pg_stat_activity. Throws LostDatabase.
    Database(const std::string& conninfo, const std::string& name);

    // Throws LostDatabase or RefusedStatement.
    Result query(const char* sql, std::initializer_list<Parameter> parameters = {});
    Result query(const char* sql, const std::vector<Parameter>& parameters);
    // Several statements in one string, without parameters: migrations.
    void script(const std::string& sql);

    // From now on the server parses and plans each text of a statement once. For one who says the same few
    // again and again: their plans read tables by index, however small they are at first, for they outlive
    // that.
    void keep_statements();

    // How long a statement may take, 8 s at first; the server cancels it then.
    void set_statement_timeout(std::chrono::milliseconds timeout);

    // Payloads of NOTIFY (after a LISTEN) that arrived within the wait.
    std::vector<std::string> wait_for_notifications(std::chrono::milliseconds wait);

    bool in_transaction() const { return PQtransactionStatus(connection_.get()) == PQTRANS_INTRANS; }
    bool alive() const { return PQstatus(connection_.get()) == CONNECTION_OK; }

  private:
    Result send(const char* sql, const Parameter* parameters, std::size_t count);
    // The name of the statement on the server.
    const std::string& kept(const char* sql);
    Result await_result();
    void wait_for_socket(std::chrono::steady_clock::time_point deadline, short events);

    Owned<PGconn, PQfinish> connection_;
    std::chrono::milliseconds patience_{10000};
    bool keeps_statements_ = false;
    std::unordered_map<std::string, std::string> kept_; // names by text
};

// BEGIN … COMMIT; inside another transaction a part of it, by a savepoint. Without commit() everything is
// rolled back. When commit() throws LostDatabase nobody knows whether it happened: what is done in it must
// bear being done again.
class Transaction {
  public:
    explicit Transaction(Database& database) : database_(database), inner_(database.in_transaction()) {
        database_.query(inner_ ? "SAVEPOINT part" : "BEGIN");
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    void commit();

  private:
    Database& database_;
    bool inner_;
    bool open_ = true;
};

} // namespace mogiri::daemon
