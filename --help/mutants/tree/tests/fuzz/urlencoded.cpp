// A browser's form, urlencoded, from its bytes to the fields' verdict.
#include "typed_form.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    judge({reinterpret_cast<const char*>(data), size}, "application/x-www-form-urlencoded");
    return 0;
}
