#include "dialogue.hpp"

#include <algorithm>

namespace mogiri::smtp {

namespace {

constexpr int go_on_with_login = 334, send_message = 354, logged_in = 235;

// What a server says may be in any encoding and name whom the mail is for.
std::string readable(std::string_view line) {
    std::string text, word;
    const auto finish = [&] {
        const bool address = word.find('@') != word.npos;
        if (!word.empty())
            text += (text.empty() ? "" : " ") + (address ? std::string("(address)") : word);
        word.clear();
    };
    for (const char c : line) {
        if (c > ' ' && c <= '~')
            word += c;
        else if (c == ' ' || c == '\t')
            finish();
        else if (c != '\r' && c != '\n')
            word += '?';
    }
    finish();
    return text;
}

// The three digits that an answer begins with, or 0.
int code_of(std::string_view line) {
    if (line.size() < 3 ||
        !std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; }))
        return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

} // namespace

Dialogue::Dialogue(const Settings& settings, std::string_view message)
    : settings_(&settings), message_(message), until_(Clock::now() + settings.connect_timeout) {}

void Dialogue::begin(Step step, std::chrono::seconds limit) {
    step_ = step;
    until_ = Clock::now() + limit;
}

void Dialogue::forget_answer() {
    code_ = 0;
    answer_.clear();
    answer_complete_ = true;
}

void Dialogue::said(std::string_view line) {
    if (leaving_)
        return;
    // The words of a login could look like anything.
    const bool login_goes_on = step_ == Step::login && code_ == go_on_with_login;
    if (!login_goes_on && line.starts_with("QUIT")) {
        leaving_ = true; // what was answered before stays the answer
        until_ = Clock::now() + leave;
        return;
    }
    forget_answer();
    if (login_goes_on)
        return;
    if (line.starts_with("STARTTLS"))
        step_ = Step::encrypting;
    else if (line.starts_with("EHLO") || line.starts_with("HELO"))
        step_ = Step::greeting;
    else if (line.starts_with("AUTH"))
        step_ = Step::login;
    else if (line.starts_with("MAIL FROM"))
        begin(Step::sender, settings_->answer_timeout);
    else if (line.starts_with("RCPT TO"))
        begin(Step::recipient, settings_->answer_timeout);
    else if (line.starts_with("DATA"))
        begin(Step::data, settings_->answer_timeout);
}

void Dialogue::heard(std::string_view line) {
    const int code = code_of(line);
    if (leaving_ || code == 0)
        return;
    if (answer_complete_)
        answer_.clear();
    answer_complete_ = line.size() < 4 || line[3] != '-';
    code_ = code;
    answer_ += (answer_.empty() ? "" : " ") + readable(line.substr(std::min<std::size_t>(line.size(), 4)));
    if (step_ == Step::connecting)
        step_ = Step::greeting;
    if (step_ == Step::login && code == logged_in)
        logged_in_ = true;
    if (step_ == Step::data && code == send_message && answer_complete_) {
        begin(Step::message, settings_->answer_timeout);
        message_until_ = Clock::now() + longest_message;
    }
}

std::size_t Dialogue::hand_over(char* into, std::size_t room) {
    const std::size_t length = message_.copy(into, room, handed_over_);
    handed_over_ += length;
    if (step_ == Step::message) {
        until_ = std::min(Clock::now() + settings_->answer_timeout, message_until_);
        if (handed_over_ == message_.size()) {
            forget_answer();
            begin(Step::end, settings_->final_timeout);
        }
    }
    return length;
}

} // namespace mogiri::smtp
