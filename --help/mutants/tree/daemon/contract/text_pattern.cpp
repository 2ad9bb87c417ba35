// A regular expression that an organiser sets for a field, held by PCRE2 with bounds on time and memory.
#include "text_pattern.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <stdexcept>

namespace mogiri {

namespace {

// A worker must not stand still for a pattern that backtracks without end.
constexpr std::uint32_t most_steps = 100'000, most_memory_kib = 256;

struct Match {
    pcre2_match_data_8* data;
    pcre2_match_context_8* context;
    Match(const pcre2_code_8* code)
        : data(pcre2_match_data_create_from_pattern_8(code, nullptr)),
          context(pcre2_match_context_create_8(nullptr)) {
        pcre2_set_match_limit_8(context, most_steps);
        pcre2_set_heap_limit_8(context, most_memory_kib);
    }
    Match(const Match&) = delete;
    Match& operator=(const Match&) = delete;
    ~Match() {
        pcre2_match_data_free_8(data);
        pcre2_match_context_free_8(context);
    }
};

PCRE2_SPTR8 bytes(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR8>(text.data());
}

} // namespace

TextPattern::TextPattern(std::string expression) : expression_(std::move(expression)) {
    int error = 0;
    std::size_t place = 0;
    pcre2_code_8* code = pcre2_compile_8(
        bytes(expression_), expression_.size(),
        PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C, &error, &place, nullptr);
    if (!code) {
        std::array<PCRE2_UCHAR8, 200> words{};
        pcre2_get_error_message_8(error, words.data(), words.size());
        throw std::invalid_argument(std::string(reinterpret_cast<const char*>(words.data())) +
                                    " at character " + std::to_string(place));
    }
    code_.reset(code, pcre2_code_free_8);
}

bool TextPattern::matches(std::string_view text) const {
    const Match match(code_.get());
    return pcre2_match_8(code_.get(), bytes(text), text.size(), 0, 0, match.data, match.context) >= 0;
}

} // namespace mogiri
