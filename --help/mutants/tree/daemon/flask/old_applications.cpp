// Judges the rows of the system before, row by row.
#include "old_applications.hpp"

#include <algorithm>
#include <set>

#include <form.hpp>
#include <old_code.hpp>
#include <plain_text.hpp>

namespace mogiri::daemon {

namespace {

constexpr std::int64_t most_entries = 1000; // of a ticket on a day

bool is_student(const OldUser& user) {
    return user.privilege == "student";
}

std::map<std::string, std::string> fields_of(const OldUser& user) {
    std::map<std::string, std::string> fields{
        {"last_name", user.last_name}, {"first_name", user.first_name}, {"email", user.email}};
    if (is_student(user)) {
        fields["school_grades"] = user.grade;
        fields["classes"] = user.class_name;
        fields["student_number"] = user.number;
    }
    return fields;
}

std::string lower(std::string code) {
    std::ranges::transform(code, code.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return code;
}

class Judge {
  public:
    Judge(const EventSettings& event, const OldForms& forms) : event_(event), forms_(forms) {}

    // Before any ticket.
    void take_user(const OldUser& user) {
        const auto refuse = [&](const char* reason, const std::string& remedy) {
            leave_out("users", user.id, reason, remedy);
            refused_.insert(user.id);
        };
        OldApplication application{
            user.id, is_student(user) ? forms_.student : forms_.teacher, {}, user.email, {}, {}, {}};
        if (!address_is_acceptable(user.email))
            return refuse("bad_address", "its e-mail address is none");
        if (is_student(user) && (user.grade.empty() || user.class_name.empty() || user.number.empty()))
            return refuse("no_class", "a student needs grade, class and number");
        application.address = normalized_address(user.email);
        if (!addresses_.insert(application.address).second)
            return refuse("doubled_address", "another user has the same address, compared as mogiri does");
        for (auto& [name, value] : fields_of(user))
            if (application.form->field(name))
                application.fields.emplace(name, value);
        application.applicant =
            filled_pattern(*application.form, application.form->applicant, application.fields);
        if (!applicants_.emplace(application.form, application.applicant).second)
            return refuse("doubled_applicant", "another user becomes the same applicant");
        by_user_.emplace(user.id, std::move(application));
    }

    void take_ticket(OldTicket ticket) {
        const std::string row = ticket.user + "/" + std::to_string(ticket.number);
        const auto refuse = [&](const char* reason, const std::string& remedy) {
            leave_out("tickets", row, reason, remedy);
        };
        const auto user = by_user_.find(ticket.user);
        if (refused_.contains(ticket.user))
            return refuse("user_left_out", "its user is left out");
        if (user == by_user_.end())
            return refuse("no_user", "there is no such user");
        if (!is_old_code(ticket.code))
            return refuse("bad_code", "its code is not 64 hexadecimal digits");
        ticket.code = lower(ticket.code);
        if (!codes_.insert(ticket.code).second)
            return refuse("doubled_code", "another ticket has the same code in other letters");
        if (ticket.number < 1 || ticket.number > 1'000'000)
            return refuse("bad_number", "its number must be 1 or more");
        std::vector<OldTicket>& tickets = user->second.tickets;
        if (!tickets.empty() && tickets.back().number == ticket.number)
            return refuse("doubled_number", "the user has another ticket of that number");
        if (has_control_character(ticket.guest) || is_invisible(ticket.guest))
            return refuse("bad_name", "the guest's name is empty or holds what cannot be printed");
        ticket.guest = trimmed(ticket.guest);
        for (std::size_t day = 0; day < ticket.days.size(); ++day) {
            OldUse& use = ticket.days[day];
            if (use.entries < 0 || use.exits < 0 || use.entries > most_entries || use.exits > most_entries)
                return refuse("bad_use", "its entries or exits cannot be");
            if (use.is_any() &&
                std::ranges::find(event_.days, day + 1, &EventDay::number) == event_.days.end())
                return refuse("no_such_day",
                              "it was used on day " + std::to_string(day + 1) + ", which the event has not");
            // Who is inside has entered, whatever was reset.
            use.entries = std::max<std::int64_t>(use.entries, use.is_inside || use.exits > 0 ? 1 : 0);
        }
        tickets.push_back(std::move(ticket));
    }

    OldRows rows(const std::vector<OldUser>& users) {
        for (const OldUser& user : users) {
            const auto found = by_user_.find(user.id);
            if (found == by_user_.end())
                continue;
            if (!found->second.tickets.empty())
                rows_.applications.push_back(std::move(found->second));
            else if (is_student(user) || user.privilege == "teacher")
                ++rows_.users_without_tickets;
            else
                leave_out(
                    "users", user.id, "no_applicant",
                    "has no ticket and is neither student nor teacher; mogirictl user add makes accounts");
        }
        return std::move(rows_);
    }

  private:
    void leave_out(const char* table, const std::string& row, const char* reason, const std::string& remedy) {
        rows_.left_out.push_back({table, row, reason, remedy});
    }

    const EventSettings& event_;
    OldForms forms_;
    std::map<std::string, OldApplication> by_user_;
    std::set<std::string> refused_, addresses_, codes_;
    std::set<std::pair<const Form*, std::string>> applicants_;
    OldRows rows_;
};

} // namespace

std::string reason_against(const Form& form, bool is_student) {
    OldUser user;
    user.privilege = is_student ? "student" : "teacher";
    const auto known = fields_of(user);
    for (std::size_t i = form.applicant.find('{'); i != std::string::npos;
         i = form.applicant.find('{', i + 1)) {
        const std::string name = form.applicant.substr(i + 1, form.applicant.find_first_of(":}", i) - i - 1);
        if (!known.contains(name))
            return "its applicants are named by the field \"" + name + "\", which the old system's " +
                   user.privilege + "s have not";
    }
    return "";
}

OldRows judge_old_rows(const EventSettings& event, const OldForms& forms, const std::vector<OldUser>& users,
                       std::vector<OldTicket> tickets) {
    Judge judge(event, forms);
    for (const OldUser& user : users)
        judge.take_user(user);
    for (OldTicket& ticket : tickets)
        judge.take_ticket(std::move(ticket));
    return judge.rows(users);
}

} // namespace mogiri::daemon
