#include "account.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <http/json.hpp>
#include <http/judgement.hpp>

#include "verdict.hpp"

namespace mogiri::ses {

namespace {

using plugins::tell;

constexpr unsigned until_quota_may_be_back = 600; // seconds

double number_at(const json_t* object, const char* key, double otherwise) {
    const json_t* value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

std::string whole(double number) {
    return std::to_string(static_cast<long long>(std::llround(number)));
}

} // namespace

std::shared_ptr<Account> Account::of(const Settings& settings) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<Account>> accounts;
    const std::string name = settings.credentials.user + " " + settings.region + " " + settings.endpoint.url +
                             " " + std::to_string(settings.rate);
    const std::lock_guard lock(mutex);
    std::shared_ptr<Account> account = accounts[name].lock();
    if (!account)
        accounts[name] = account = std::make_shared<Account>(name, settings.rate);
    return account;
}

bool Account::read(plugins::Exchange& exchange, const std::string& url, mogiri_result& result) {
    const plugins::Answer answer = exchange.get("/v2/email/account");
    const std::lock_guard lock(mutex_);
    return take(answer, url, result);
}

bool Account::let_go(plugins::Exchange& exchange, const std::string& url, mogiri_result& result) {
    {
        const std::lock_guard lock(mutex_); // the others wait for the one who asks
        if ((!known_ || std::chrono::steady_clock::now() > read_at_ + fresh) &&
            !take(exchange.get("/v2/email/account"), url, result))
            return false;
        if (!quota_.sending) {
            known_ = false;
            tell(result, MOGIRI_STOPPED, "SES has paused this account's sending; see its console");
            return false;
        }
        if (quota_.a_day >= 0 && quota_.sent >= quota_.a_day) {
            known_ = false;
            result.retry_after = until_quota_may_be_back;
            tell(result, MOGIRI_STOPPED,
                 "the account's quota of " + whole(quota_.a_day) +
                     " mails in 24 hours is used up; it comes back by and by, or ask AWS for more");
            return false;
        }
        ++quota_.sent;
        ++under_way_;
    }
    if (pace_->wait(longest_wait))
        return true;
    not_taken();
    tell(result, MOGIRI_STOPPED, "more workers wait for their turn than the account's rate has room for");
    return false;
}

bool Account::take(const plugins::Answer& answer, const std::string& url, mogiri_result& result) {
    const plugins::Json body = plugins::json_object_of(answer.body);
    const json_t* quota = json_object_get(body.get(), "SendQuota");
    if (answer.status == 200 && json_is_object(quota)) {
        quota_ = {number_at(quota, "Max24HourSend", -1), number_at(quota, "SentLast24Hours", 0) + under_way_,
                  number_at(quota, "MaxSendRate", 1),
                  !json_is_false(json_object_get(body.get(), "SendingEnabled"))};
    } else if (rate_ > 0 && error_of(answer).starts_with("AccessDenied")) {
        quota_ = {-1, 0, static_cast<double>(rate_) / our_share, true}; // it may send, and not look
    } else {
        judge(answer, url, "", result);
        if (error_of(answer).starts_with("AccessDenied"))
            tell(result, MOGIRI_STOPPED,
                 "this access key may not read the account's quota: allow it ses:GetAccount, or set rate");
        else if (result.outcome != MOGIRI_STOPPED || answer.status == 200) {
            const std::string said = result.text;
            tell(result, MOGIRI_STOPPED, url + ": the account's quota cannot be read: " + said);
        }
        return false;
    }
    known_ = true;
    read_at_ = std::chrono::steady_clock::now();
    const double allowed = std::max(quota_.a_second * our_share, 0.1);
    pace_->allow(rate_ > 0 ? std::min(allowed, static_cast<double>(rate_)) : allowed);
    return true;
}

void Account::taken() {
    maybe_taken();
    pace_->taken();
}

void Account::maybe_taken() {
    const std::lock_guard lock(mutex_);
    --under_way_;
}

void Account::not_taken() {
    const std::lock_guard lock(mutex_);
    --under_way_;
    quota_.sent = std::max(quota_.sent - 1, 0.0);
}

void Account::throttled(std::chrono::milliseconds pause) {
    not_taken();
    pace_->slow_down(pause);
}

void Account::doubt() {
    const std::lock_guard lock(mutex_);
    known_ = false;
}

std::string Account::described() {
    const std::lock_guard lock(mutex_);
    const std::string sent =
        quota_.a_day < 0 ? "no limit a day"
                         : whole(quota_.sent) + " of " + whole(quota_.a_day) + " mails sent in 24 hours";
    return sent + ", " + whole(quota_.a_second) + " a second" + (quota_.sending ? "" : "; sending is paused");
}

} // namespace mogiri::ses
