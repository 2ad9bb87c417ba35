// A ticket's layout of an organiser: refused with a message that names file and key, or one whose places have a size.
#include <cstdint>
#include <cstdlib>

#include "daemon/render/layout.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mogiri::daemon;
    try {
        const Layout layout = Layout::parse({reinterpret_cast<const char*>(data), size}, "layout.toml");
        if (layout.background.empty() || layout.qr.size < 37)
            std::abort();
        for (const TextPlace& text : layout.texts)
            if (text.box.width < 1 || text.box.height < 1 || text.smallest < 1 || text.ja.empty())
                std::abort();
    } catch (const LayoutError& refused) {
        if (!std::string_view(refused.what()).starts_with("layout.toml:"))
            std::abort();
    }
    return 0;
}
