// The options of `mogirictl bounce`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/mail/bounce_command.hpp"

namespace mogiri::daemon {

void describe_bounces(CommandLine& line) {
    CLI::App* bounce = line.app.add_subcommand(
        "bounce", "note mails that came back; addresses that are gone for good get no more");
    const auto wish = std::make_shared<BounceWish>();
    bounce->add_option("FILE", wish->files, "mails, or SES's notifications; \"-\" or none: standard input");
    bounce->add_option("--maildir", wish->maildir, "take what is new in this maildir")
        ->type_name("DIRECTORY");
    bounce->add_flag("--json", wish->json, "print JSON");
    line.when(bounce, [&line, wish] { return take_bounces(line.configuration(), *wish); });
}

} // namespace mogiri::daemon
