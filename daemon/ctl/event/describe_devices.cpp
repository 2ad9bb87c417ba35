// The options of `mogirictl device …`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/event/device_command.hpp"

namespace mogiri::daemon {

namespace {

std::shared_ptr<DeviceWish> one_device(CLI::App* command) {
    auto wish = std::make_shared<DeviceWish>();
    command->add_option("DEVICE", wish->device, "its number")->required();
    command->add_option("--event", wish->event, "the event's slug")->required();
    return wish;
}

} // namespace

void describe_devices(CommandLine& line) {
    CLI::App* device = line.app.add_subcommand("device", "scanners at the door");
    device->require_subcommand(1);
    CLI::App* scanner =
        device->add_subcommand("add", "add a device and show the code that it claims its key with");
    const auto fresh = std::make_shared<NewDevice>();
    scanner->add_option("NAME,--name", fresh->name, "name of the device")->required();
    scanner->add_option("--event", fresh->event, "the event's slug")->required();
    scanner->add_option("--gate", fresh->gate, "id of the gate where it stands")->required();
    scanner->add_option("--profile", fresh->profile, "what it may do")
        ->required()
        ->check(CLI::IsMember({"scanner", "supervisor"}));
    scanner->add_flag("--key", fresh->key, "make its key at once and print it, for programs; no code");
    scanner->add_flag("--json", fresh->json, "print JSON");
    line.when(scanner, [&line, fresh] { return add_device(line.configuration(), *fresh), ExitStatus::done; });

    CLI::App* code = device->add_subcommand(
        "code", "another code to claim a key with; the device's former key is good until it is used");
    const auto invited = one_device(code);
    code->add_flag("--json", invited->json, "print JSON");
    line.when(code,
              [&line, invited] { return invite_device(line.configuration(), *invited), ExitStatus::done; });

    CLI::App* rename = device->add_subcommand("rename", "give a device another name");
    const auto renamed = one_device(rename);
    rename->add_option("NAME", renamed->name, "the new name")->required();
    line.when(rename,
              [&line, renamed] { return change_device(line.configuration(), *renamed), ExitStatus::done; });

    CLI::App* move = device->add_subcommand("move", "a device stands at another gate now");
    const auto moved = one_device(move);
    move->add_option("GATE", moved->gate, "id of the gate")->required();
    line.when(move, [&line, moved] { return change_device(line.configuration(), *moved), ExitStatus::done; });

    CLI::App* revoke = device->add_subcommand("revoke", "the door no longer answers this device");
    const auto revoked = one_device(revoke);
    line.when(revoke,
              [&line, revoked] { return revoke_device(line.configuration(), *revoked), ExitStatus::done; });
}

} // namespace mogiri::daemon
