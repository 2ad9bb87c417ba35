// A ticket's code as a scanner sends it: nothing but our own is genuine; references and codes of the system
// before beside it.
#include <cstdint>
#include <cstdlib>

#include <old_code.hpp>
#include <ticket_code.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mogiri;
    static TicketCodes codes(
        MasterKeys::parse("1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"));
    static const std::string ours = codes.issue(1, 42);
    const std::string_view code(reinterpret_cast<const char*>(data), size);
    TicketId ticket;
    // Who signs finds every code; a fuzzer that did would have broken HMAC.
    if (codes.verify(code, ticket) == CodeVerdict::genuine && code != ours)
        std::abort();
    // Our own with bytes of the input in the places that it names.
    std::string bent = ours;
    for (std::size_t i = 0; i + 1 < size; i += 2)
        bent[data[i] % bent.size()] = static_cast<char>(data[i + 1]);
    if ((codes.verify(bent, ticket) == CodeVerdict::genuine) != (bent == ours))
        std::abort();
    if (const auto reference = read_reference(code); reference && read_reference(*reference) != reference)
        std::abort();
    if (is_old_code(code) && old_code_digest(code).size() != 32)
        std::abort();
    return 0;
}
