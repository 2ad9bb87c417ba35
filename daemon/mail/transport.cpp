#include "transport.hpp"

#include <array>
#include <vector>

#include <dlfcn.h>

namespace mogiri::daemon {

namespace {

Outcome outcome_of(const mogiri_result& result) {
    switch (result.outcome) {
    case MOGIRI_ACCEPTED:
        return Outcome::accepted;
    case MOGIRI_TRANSIENT:
        return Outcome::transient;
    case MOGIRI_PERMANENT:
        return Outcome::permanent;
    case MOGIRI_STOPPED:
        return Outcome::stopped;
    case MOGIRI_UNKNOWN:
        break;
    }
    return Outcome::unknown;
}

} // namespace

int Transport::close_library(void* library) {
    return dlclose(library);
}

Transport::Transport(const std::filesystem::path& plugins, const std::string& name,
                     const std::map<std::string, std::string>& options, const char* key) {
    const std::string file = (plugins / (name + ".so")).string();
    library_.reset(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!library_)
        throw TransportError(std::string(key) + " = \"" + name + "\": " + dlerror() +
                             "; its plugin belongs into the folder mail.plugins");
    void* symbol = dlsym(library_.get(), "mogiri_transport_plugin");
    const auto entry = reinterpret_cast<decltype(&mogiri_transport_plugin)>(symbol);
    if (!entry)
        throw TransportError(file + ": exports no mogiri_transport_plugin: it is no transport of mogiri");
    const mogiri_transport* plugin = entry();
    if (plugin->abi != MOGIRI_TRANSPORT_ABI)
        throw TransportError(file + ": the transport \"" + name + "\" is made for ABI " +
                             std::to_string(plugin->abi) + ", this mogirid for ABI " +
                             std::to_string(MOGIRI_TRANSPORT_ABI) +
                             ": install the transport that belongs to this version");
    std::vector<mogiri_option> list;
    for (const auto& [option, value] : options)
        list.push_back({option.c_str(), value.c_str()});
    std::array<char, 512> error{};
    self_ = plugin->open(list.data(), list.size(), error.data(), error.size());
    if (!self_)
        throw TransportError("[mail." + name + "]: " + error.data());
    plugin_ = plugin;
}

Transport::~Transport() {
    if (plugin_)
        plugin_->close(self_);
}

Delivery Transport::deliver(const Envelope& envelope, const std::string& message) {
    const mogiri_envelope plain{envelope.sender.c_str(), envelope.recipient.c_str(),
                                envelope.message_id.c_str()};
    mogiri_result result{};
    plugin_->deliver(self_, &plain, message.data(), message.size(), &result);
    result.text[sizeof result.text - 1] = result.provider_id[sizeof result.provider_id - 1] = '\0';
    return {outcome_of(result), result.code,        std::chrono::seconds(result.retry_after),
            result.text,        result.provider_id, {}};
}

void Transport::forget(const std::string& message_id) {
    std::array<char, 512> text{};
    if (plugin_->forget && plugin_->forget(self_, message_id.c_str(), text.data(), text.size()) != 1)
        throw TransportError(text.data());
}

Transport::Probe Transport::probe() {
    std::array<char, 512> text{};
    const bool good = plugin_->probe(self_, text.data(), text.size()) == 1;
    return {good, text.data()};
}

} // namespace mogiri::daemon
