// The options of `mogirictl user …` and `mogirictl device …`.
#include <memory>

#include "command_line.hpp"
#include "people_command.hpp"

namespace mogiri::daemon {

namespace {

void describe_users(CommandLine& line) {
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
}

} // namespace

void describe_people(CommandLine& line) {
    describe_users(line);
    CLI::App* device = line.app.add_subcommand("device", "scanners at the door");
    device->require_subcommand(1);
    CLI::App* scanner = device->add_subcommand("add", "add a device and print its key, once");
    const auto wish = std::make_shared<NewDevice>();
    scanner->add_option("NAME,--name", wish->name, "name of the device")->required();
    scanner->add_option("--event", wish->event, "the event's slug")->required();
    scanner->add_option("--gate", wish->gate, "id of the gate where it stands")->required();
    scanner->add_option("--profile", wish->profile, "what it may do")
        ->required()
        ->check(CLI::IsMember({"scanner", "supervisor"}));
    scanner->add_flag("--json", wish->json, "print JSON");
    line.when(scanner, [&line, wish] { return add_device(line.configuration(), *wish), ExitStatus::done; });
}

} // namespace mogiri::daemon
