// `mogirictl user add` and `mogirictl device add`: who may log in, and which scanners the door answers.
#include "people_command.hpp"

#include <array>
#include <iostream>

#include "contract/base32.hpp"
#include "contract/digest.hpp"
#include "ledger/event_ledger.hpp"
#include "password.hpp"
#include "print_json.hpp"
#include "publication.hpp"

namespace mogiri::daemon {

namespace {

// 160 random bits in the letters that a person can type.
std::string new_device_key() {
    std::array<std::uint8_t, 20> bytes{};
    random_bytes(bytes);
    return base32_encode(bytes);
}

} // namespace

void add_user(const Configuration& configuration, const NewUser& user) {
    Database database = open_ledger(configuration);
    const std::string password =
        user.password_file.empty() ? ask_for_password(user.name) : read_password(user.password_file);
    EventLedger(database).add_account(user.name, user.email, user.role, hash_new_password(password));
    std::cout << "user " << user.name << " added as " << user.role << '\n';
}

void add_device(const Configuration& configuration, const NewDevice& device) {
    Database database = open_ledger(configuration);
    EventLedger ledger(database);
    const std::uint32_t event = ledger.number_of(device.event);
    const DeviceProfile profile =
        device.profile == "supervisor" ? DeviceProfile::supervisor : DeviceProfile::scanner;
    const std::string key = new_device_key();
    const std::uint32_t number = ledger.add_device(device.event, device.name, device.gate, profile, key);
    if (device.json)
        print(Json(json_pack("{s:i, s:s, s:s, s:s}", "device", static_cast<int>(number), "name",
                             device.name.c_str(), "profile", device.profile.c_str(), "key", key.c_str())));
    else
        std::cout << "device " << number << " (" << device.name << ") added; its key, shown only this once:\n"
                  << key << '\n';
    std::cout.flush();
    await_publication(ledger, event);
}

} // namespace mogiri::daemon
