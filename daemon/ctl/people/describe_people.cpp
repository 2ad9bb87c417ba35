// The options of `mogirictl user …`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/people/people_command.hpp"
#include "ctl/people/user_command.hpp"

namespace mogiri::daemon {

void describe_people(CommandLine& line) {
    CLI::App* user = line.app.add_subcommand("user", "people who may log in");
    user->require_subcommand(1);
    CLI::App* person = user->add_subcommand("add", "add a user; the password is asked for on the terminal");
    const auto wish = std::make_shared<NewUser>();
    person->add_option("NAME,--name", wish->name, "name to log in with")->required();
    person->add_option("--email", wish->email, "e-mail address")->required();
    person->add_option("--role", wish->role, "what the user may do")
        ->required()
        ->check(CLI::IsMember({"student", "teacher", "scanner", "supervisor", "staff", "admin"}));
    person
        ->add_option("--password-file", wish->password_file,
                     "read the password from FILE's first line (-: standard input)")
        ->type_name("FILE");
    line.when(person, [&line, wish] { return add_user(line.configuration(), *wish), ExitStatus::done; });

    const auto changed = std::make_shared<UserWish>();
    CLI::App* change =
        user->add_subcommand("change", "change a user; new roles and an end take the user's sessions");
    change->add_option("NAME", changed->name, "user name or e-mail address")->required();
    change->add_option("--email", changed->email, "e-mail address");
    change->add_option("--language", changed->language, "of mails")->check(CLI::IsMember({"ja", "en"}));
    change->add_option(
        "--role", changed->roles,
        "ROLE at all events, or ROLE@EVENT; may be given several times, and takes the place of all");
    CLI::Option* disable = change->add_flag("--disable", changed->disable, "the user cannot log in any more");
    change->add_flag("--enable", changed->enable, "the user can log in again")->excludes(disable);
    line.when(change,
              [&line, changed] { return change_user(line.configuration(), *changed), ExitStatus::done; });

    CLI::App* invite = user->add_subcommand("invite", "mail the user a link to set a password");
    const auto invited = std::make_shared<UserWish>();
    invite->add_option("NAME", invited->name, "user name or e-mail address")->required();
    invite->add_option("--event", invited->event, "in the name of this event (slug)")->required();
    line.when(invite,
              [&line, invited] { return invite_user(line.configuration(), *invited), ExitStatus::done; });
}

} // namespace mogiri::daemon
