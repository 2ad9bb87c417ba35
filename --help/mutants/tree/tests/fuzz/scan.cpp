// A scanner's request at the door.
#include <cstdint>
#include <cstdlib>

#include "module/door/scan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mogiri;
    const auto read = module::parse_scan({reinterpret_cast<const char*>(data), size}, Language::ja);
    if (const auto* scan = std::get_if<module::Scan>(&read)) {
        if (scan->nonce.empty() || scan->nonce.size() > module::longest_nonce)
            std::abort();
    } else if (const int status = std::get<module::Problem>(read).status; status != 400 && status != 422) {
        std::abort();
    }
    return 0;
}
