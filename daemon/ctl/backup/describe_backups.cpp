// The options of `mogirictl backup` and `mogirictl restore`.
#include <memory>

#include "ctl/backup/backup_command.hpp"
#include "ctl/backup/restore_command.hpp"
#include "ctl/command_line.hpp"

namespace mogiri::daemon {

namespace {

void describe_backup(CommandLine& line) {
    CLI::App* command =
        line.app.add_subcommand("backup", "write everything that is needed to begin again to one file");
    const auto wish = std::make_shared<BackupWish>();
    command->add_option("FILE", wish->file, "file to be made (mode 600)")->required();
    command->add_option("--database", wish->database,
                        "as database.url, of a role that may read all; the configuration's without it");
    command->add_flag("--with-keys", wish->with_keys,
                      "the master keys, too: who has the file can make tickets then");
    command->add_flag("--json", wish->json, "print JSON");
    line.when(command, [&line, wish] { return back_up(line.configuration(), *wish), ExitStatus::done; });
}

void describe_restore(CommandLine& line) {
    CLI::App* command =
        line.app.add_subcommand("restore", "bring a backup back into an empty system; mogirid must not run");
    const auto wish = std::make_shared<RestoreWish>();
    command->add_option("FILE", wish->file, "what mogirictl backup has made")->required();
    command->add_flag("--replace", wish->replace, "what is there is overwritten");
    command->add_flag("--with-keys", wish->with_keys,
                      "write the backup's master keys to the configuration's key file");
    command->add_option("--database", wish->database,
                        "as database.url, of the owner; the configuration's without it");
    command->add_option("--daemon", wish->daemon, "role that mogirid works as")->type_name("ROLE");
    command->add_option("--reader", wish->reader, "role that may only read")->type_name("ROLE");
    line.when(command, [&line, wish] { return restore(line.configuration(), *wish), ExitStatus::done; });
}

} // namespace

void describe_backups(CommandLine& line) {
    describe_backup(line);
    describe_restore(line);
}

} // namespace mogiri::daemon
