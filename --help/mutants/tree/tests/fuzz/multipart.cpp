// A browser's form as multipart; the first line is the header that names the boundary.
#include "typed_form.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto end = input.find('\n');
    if (end != input.npos)
        judge(input.substr(end + 1), "multipart/form-data; " + std::string(input.substr(0, end)));
    return 0;
}
