// The token in a form: nothing but our own is genuine.
#include <cstdlib>

#include <form_token.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mogiri;
    static const FormTokens tokens(
        MasterKeys::parse("1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"));
    constexpr std::int64_t now = 1'760'000'000'000;
    // Always the same one: the fuzzer reads it off the comparisons, and brings it again in a later run.
    static const std::string ours = "AGM4QLGAACSKIFN6UQNFQXNMQMUMIDBFZAEEBO2TXEJA";
    const std::string_view token(reinterpret_cast<const char*>(data), size);
    if (tokens.verify(token, 1, "student", now) && token != ours)
        std::abort();
    // Our own with bytes of the input in the places that it names.
    std::string bent = ours;
    for (std::size_t i = 0; i + 1 < size; i += 2)
        bent[data[i] % bent.size()] = static_cast<char>(data[i + 1]);
    if (tokens.verify(bent, 1, "student", now).has_value() != (bent == ours))
        std::abort();
    static_cast<void>(application_id_is_plausible(token));
    return 0;
}
