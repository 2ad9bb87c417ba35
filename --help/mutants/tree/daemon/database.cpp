// One connection to PostgreSQL: parameterised statements only, results as views, typed errors, transactions.
#include "database.hpp"

#include <poll.h>

#include <cerrno>
#include <charconv>

namespace mogiri::daemon {

namespace {

using Clock = std::chrono::steady_clock;

// The client waits this much longer than the server may take, so that the server's own answer comes first.
constexpr std::chrono::milliseconds margin{2000};

// libpq ends its messages with a line break and spreads some over lines with tabs.
std::string one_line(std::string_view message) {
    std::string text;
    for (char c : message) {
        const bool blank = c == '\n' || c == '\t' || c == ' ';
        if (!blank)
            text += c;
        else if (!text.empty() && text.back() != ' ')
            text += ' ';
    }
    if (text.ends_with(' '))
        text.pop_back();
    return text;
}

// Class 08: connection; 57P01-57P05: shut down, crashed, starting, idle too long.
bool says_server_is_gone(std::string_view sqlstate) {
    return sqlstate.starts_with("08") || sqlstate.starts_with("57P");
}

} // namespace

bool RefusedStatement::blames_data() const {
    // 21 cardinality, 22 data, 23 integrity, P0 raised by a trigger
    for (const char* blamed : {"21", "22", "23", "P0"})
        if (sqlstate_.starts_with(blamed))
            return true;
    return false;
}

Parameter::Parameter(std::string_view text) : text_(text) {
    // libpq takes text as C strings and would cut it silently.
    if (text.find('\0') != std::string_view::npos)
        throw RefusedStatement("22021", "a NUL byte inside a text");
}

Parameter::Parameter(Bytes bytes) : text_("\\x") {
    constexpr char digits[] = "0123456789abcdef";
    for (unsigned char byte : bytes.value) {
        *text_ += digits[byte >> 4];
        *text_ += digits[byte & 15];
    }
}

void Parameter::add_element(const Parameter& element) {
    if (text_->size() > 1)
        *text_ += ',';
    if (!element.text_) {
        *text_ += "NULL";
        return;
    }
    *text_ += '"';
    for (char c : *element.text_) {
        if (c == '"' || c == '\\')
            *text_ += '\\';
        *text_ += c;
    }
    *text_ += '"';
}

std::string_view Row::text(int column) const {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t Row::number(int column) const {
    std::string_view digits = text(column);
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size())
        throw std::logic_error("column " + std::to_string(column) + " is not a whole number");
    return value;
}

std::string Row::bytes(int column) const {
    std::size_t size = 0;
    Owned<unsigned char, PQfreemem> bytes(
        PQunescapeBytea(reinterpret_cast<const unsigned char*>(PQgetvalue(result_, row_, column)), &size));
    if (!bytes)
        throw std::bad_alloc();
    return {reinterpret_cast<const char*>(bytes.get()), size};
}

std::vector<std::string> Result::columns() const {
    std::vector<std::string> names;
    for (int column = 0; column < PQnfields(result_.get()); ++column)
        names.emplace_back(PQfname(result_.get(), column));
    return names;
}

std::int64_t Result::touched() const {
    std::string_view count = PQcmdTuples(result_.get());
    std::int64_t value = 0;
    std::from_chars(count.data(), count.data() + count.size(), value);
    return value;
}

Database::Database(const std::string& conninfo, const std::string& name) {
    const char* keywords[] = {"dbname", "connect_timeout", "fallback_application_name", "client_encoding",
                              nullptr};
    const char* values[] = {conninfo.c_str(), "5", name.c_str(), "UTF8", nullptr};
    connection_.reset(PQconnectdbParams(keywords, values, 1));
    if (!connection_ || !alive())
        throw LostDatabase(connection_ ? one_line(PQerrorMessage(connection_.get())) : "out of memory");
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    PQsetnonblocking(connection_.get(), 1);
    set_statement_timeout(std::chrono::seconds(8));
    // A process that is stopped inside a transaction must not keep its locks from the others.
    query("SELECT set_config('idle_in_transaction_session_timeout', '5000', false)");
}

void Database::set_statement_timeout(std::chrono::milliseconds timeout) {
    patience_ = timeout + margin;
    query("SELECT set_config('statement_timeout', $1, false)", {timeout.count()});
}

Result Database::query(const char* sql, std::initializer_list<Parameter> parameters) {
    return send(sql, parameters.begin(), parameters.size());
}

Result Database::query(const char* sql, const std::vector<Parameter>& parameters) {
    return send(sql, parameters.data(), parameters.size());
}

Result Database::send(const char* sql, const Parameter* parameters, std::size_t size) {
    std::vector<const char*> values;
    values.reserve(size);
    for (std::size_t i = 0; i < size; ++i)
        values.push_back(parameters[i].text());
    const int count = static_cast<int>(size);
    const int sent = keeps_statements_ ? PQsendQueryPrepared(connection_.get(), kept(sql).c_str(), count,
                                                             values.data(), nullptr, nullptr, 0)
                                       : PQsendQueryParams(connection_.get(), sql, count, nullptr,
                                                           values.data(), nullptr, nullptr, 0);
    if (!sent)
        throw LostDatabase(one_line(PQerrorMessage(connection_.get())));
    return await_result();
}

void Database::keep_statements() {
    query("SELECT set_config('plan_cache_mode', 'force_generic_plan', false), "
          "       set_config('enable_seqscan', 'off', false)");
    keeps_statements_ = true;
}

const std::string& Database::kept(const char* sql) {
    const auto known = kept_.find(sql);
    if (known != kept_.end())
        return known->second;
    std::string name = "s" + std::to_string(kept_.size());
    if (!PQsendPrepare(connection_.get(), name.c_str(), sql, 0, nullptr))
        throw LostDatabase(one_line(PQerrorMessage(connection_.get())));
    await_result();
    return kept_.emplace(sql, std::move(name)).first->second;
}

void Database::script(const std::string& sql) {
    if (!PQsendQuery(connection_.get(), sql.c_str()))
        throw LostDatabase(one_line(PQerrorMessage(connection_.get())));
    await_result();
}

// The last result of the statement, or its first error. Returns only when the connection is idle again.
Result Database::await_result() {
    PGconn* connection = connection_.get();
    const auto deadline = Clock::now() + patience_;
    while (int unsent = PQflush(connection)) {
        if (unsent < 0)
            throw LostDatabase(one_line(PQerrorMessage(connection)));
        wait_for_socket(deadline, POLLIN | POLLOUT);
        if (!PQconsumeInput(connection))
            throw LostDatabase(one_line(PQerrorMessage(connection)));
    }
    Result last(nullptr);
    std::optional<std::pair<std::string, std::string>> refused;
    for (;;) {
        while (PQisBusy(connection)) {
            wait_for_socket(deadline, POLLIN);
            if (!PQconsumeInput(connection))
                throw LostDatabase(one_line(PQerrorMessage(connection)));
        }
        PGresult* result = PQgetResult(connection);
        if (!result)
            break;
        last = Result(result);
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !refused) {
            const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
            const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
            refused.emplace(sqlstate ? sqlstate : "",
                            one_line(message ? message : PQresultErrorMessage(result)));
        }
    }
    if (refused && (!alive() || refused->first.empty() || says_server_is_gone(refused->first)))
        throw LostDatabase(refused->second);
    if (refused)
        throw RefusedStatement(refused->first, refused->second);
    return last;
}

void Database::wait_for_socket(Clock::time_point deadline, short events) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd socket{PQsocket(connection_.get()), events, 0};
    if (left > 0) {
        int ready = poll(&socket, 1, static_cast<int>(left));
        if (ready > 0 || (ready < 0 && errno == EINTR))
            return;
    }
    connection_.reset(); // nobody may read half an answer later
    throw LostDatabase("no answer within " + std::to_string(patience_.count()) + " ms");
}

std::vector<std::string> Database::wait_for_notifications(std::chrono::milliseconds wait) {
    std::vector<std::string> payloads;
    auto collect = [&] {
        if (!PQconsumeInput(connection_.get()))
            throw LostDatabase(one_line(PQerrorMessage(connection_.get())));
        while (auto notification = Owned<PGnotify, PQfreemem>(PQnotifies(connection_.get())))
            payloads.emplace_back(notification->extra);
    };
    collect();
    pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
    if (payloads.empty() && poll(&socket, 1, static_cast<int>(wait.count())) > 0)
        collect();
    return payloads;
}

void Transaction::commit() {
    open_ = false;
    if (inner_)
        database_.query("RELEASE SAVEPOINT part");
    else if (database_.query("COMMIT").command() != "COMMIT")
        throw std::logic_error("a transaction was committed after a refused statement");
}

Transaction::~Transaction() {
    if (!open_ || !database_.alive())
        return;
    try {
        database_.query(inner_ ? "ROLLBACK TO SAVEPOINT part" : "ROLLBACK");
    } catch (const std::exception&) {
        // The connection broke: the server rolls back by itself.
    }
}

} // namespace mogiri::daemon
