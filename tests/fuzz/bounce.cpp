// A mail or notification that somebody sent back: refused with a message, or a bounce that says what it is of.
#include <cstdint>
#include <cstdlib>

#include "daemon/mail/bounce.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mogiri::daemon;
    try {
        const Bounce bounce = read_bounce({reinterpret_cast<const char*>(data), size});
        if (bounce.message_ids.empty() && bounce.provider_id.empty())
            std::abort();
        if (bounce.said.find('\n') != bounce.said.npos || bounce.said.size() > 1300)
            std::abort();
    } catch (const NotABounce& refused) {
        if (std::string_view(refused.what()).empty())
            std::abort();
    }
    return 0;
}
