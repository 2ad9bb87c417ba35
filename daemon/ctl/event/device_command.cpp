// `mogirictl device …`: the door's scanners; each takes its key itself, with a code for one use.
#include "ctl/event/device_command.hpp"

#include <unistd.h>

#include <iostream>

#include <plain_text.hpp>
#include <session.hpp>

#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/terminal_qr.hpp"
#include "ledger/device_ledger.hpp"

namespace mogiri::daemon {

namespace {

// In fours, to be read out and typed.
std::string spaced(const std::string& code) {
    std::string text;
    for (std::size_t at = 0; at < code.size(); at += 4)
        text += (at == 0 ? "" : "-") + code.substr(at, 4);
    return text;
}

void show_claim(const Configuration& configuration, Database& database, std::uint32_t event,
                const DeviceClaim& claim, const Json& about, bool json) {
    const Result found = database.query("SELECT slug, is_default FROM event WHERE number = $1", {event});
    const std::string url =
        claim_url(configuration.server_url, found[0].text(0), found[0].truth(1), claim.code);
    if (json) {
        json_object_set_new(about.get(), "code", json_of(claim.code));
        json_object_set_new(about.get(), "url", json_of(url));
        json_object_set_new(about.get(), "expires_at", json_of(claim.ends_at));
        return print(about);
    }
    std::cout << terminal_qr(QrSymbol(url, ErrorCorrection::M), isatty(STDOUT_FILENO) != 0) << url
              << "\nOpen this on the device, or type the code there: " << spaced(claim.code)
              << "\nIt is good for one device, until " << claim.ends_at << ".\n";
}

void require_name(const std::string& name) {
    if (!is_valid_utf8(name) || has_control_character(name) || is_invisible(name) || name.size() > 100)
        throw CommandFailure(ExitStatus::usage, "the device's name is empty, longer than 100 bytes, or holds "
                                                "what cannot be printed");
}

[[noreturn]] void refuse(const DeviceFault& fault) {
    throw CommandFailure(ExitStatus::wrong, fault.remedy());
}

[[noreturn]] void refuse_unknown(const DeviceWish& wish) {
    throw CommandFailure(ExitStatus::wrong, "the event has no device " + std::to_string(wish.device) +
                                                " that may be used; mogirictl device list names them");
}

} // namespace

void add_device(const Configuration& configuration, const NewDevice& device) {
    require_name(device.name);
    const MasterKeys keys = master_keys(configuration);
    Database database = open_ledger(configuration);
    EventLedger events(database);
    const std::uint32_t event = events.number_of(device.event);
    const DeviceProfile profile =
        device.profile == "supervisor" ? DeviceProfile::supervisor : DeviceProfile::scanner;
    const std::string key = device.key ? new_token() : "";
    DeviceLedger ledger(database);
    Transaction transaction(database);
    std::uint32_t number = 0;
    try {
        number = ledger.add(event, device.name, device.gate, profile,
                            device.key ? std::optional(token_hash(key)) : std::nullopt);
    } catch (const DeviceFault& fault) {
        refuse(fault);
    }
    const auto claim = device.key ? std::nullopt : std::optional(ledger.invite(keys, event, number));
    transaction.commit();
    const Json about(json_pack("{s:i, s:s, s:s}", "device", static_cast<int>(number), "name",
                               device.name.c_str(), "profile", device.profile.c_str()));
    if (!device.json)
        std::cout << "device " << number << " (" << device.name << ") added"
                  << (claim ? "\n" : "; its key, shown only this once:\n" + key + "\n");
    if (claim)
        return show_claim(configuration, database, event, *claim, about, device.json);
    if (device.json) {
        json_object_set_new(about.get(), "key", json_of(key));
        print(about);
    }
    std::cout.flush();
    await_publication(events, event);
}

void invite_device(const Configuration& configuration, const DeviceWish& wish) {
    const MasterKeys keys = master_keys(configuration);
    Database database = open_ledger(configuration);
    const std::uint32_t event = EventLedger(database).number_of(wish.event);
    DeviceLedger ledger(database);
    Transaction transaction(database);
    if (!ledger.lock(event, wish.device))
        refuse_unknown(wish);
    const DeviceClaim claim = ledger.invite(keys, event, wish.device);
    transaction.commit();
    const Json about(json_pack("{s:I}", "device", static_cast<json_int_t>(wish.device)));
    show_claim(configuration, database, event, claim, about, wish.json);
}

void change_device(const Configuration& configuration, const DeviceWish& wish) {
    if (wish.name)
        require_name(*wish.name);
    Database database = open_ledger(configuration);
    EventLedger events(database);
    const std::uint32_t event = events.number_of(wish.event);
    DeviceLedger ledger(database);
    Transaction transaction(database);
    if (!ledger.lock(event, wish.device))
        refuse_unknown(wish);
    try {
        ledger.change(event, wish.device, wish.name, wish.gate);
    } catch (const DeviceFault& fault) {
        refuse(fault);
    }
    transaction.commit();
    std::cout << "device " << wish.device << " is changed\n";
    std::cout.flush();
    await_publication(events, event);
}

void revoke_device(const Configuration& configuration, const DeviceWish& wish) {
    Database database = open_ledger(configuration);
    EventLedger events(database);
    const std::uint32_t event = events.number_of(wish.event);
    if (!DeviceLedger(database).revoke(event, wish.device))
        refuse_unknown(wish);
    std::cout << "device " << wish.device << " is revoked\n";
    std::cout.flush();
    await_publication(events, event);
}

} // namespace mogiri::daemon
