// An event file of an organiser: refused with a message, or settings that are read again as the same.
#include <cstdint>
#include <cstdlib>

#include <json_owner.hpp>

#include "daemon/event_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mogiri;
    try {
        const auto file = daemon::EventFile::parse({reinterpret_cast<const char*>(data), size}, "event.toml");
        const EventSettings again = EventSettings::parse(json_text(file.definition()));
        if (again.slug != file.settings().slug || again.forms.size() != file.settings().forms.size())
            std::abort();
    } catch (const daemon::EventFileError& refused) {
        if (std::string_view(refused.what()).empty())
            std::abort();
    }
    return 0;
}
