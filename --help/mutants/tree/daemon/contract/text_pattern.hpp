// A regular expression that an organiser sets for a field, held by PCRE2 with bounds on time and memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct pcre2_real_code_8;

namespace mogiri {

// Compiled once; copies share it. Matches in any thread.
class TextPattern {
  public:
    // Throws std::invalid_argument with PCRE2's words and the place when `expression` is none.
    explicit TextPattern(std::string expression);

    // Whether all of `text` (valid UTF-8) matches. A match that takes too many steps counts as none.
    bool matches(std::string_view text) const;

    // As the organiser wrote it, for the page's `pattern` attribute.
    const std::string& expression() const { return expression_; }

  private:
    std::string expression_;
    std::shared_ptr<pcre2_real_code_8> code_;
};

} // namespace mogiri
