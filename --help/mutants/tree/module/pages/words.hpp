// The words of the pages in one language, as templates/locales/<language>.json has them.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace mogiri::module {

class PageWords {
  public:
    // A JSON object of strings. Throws std::runtime_error naming the file and the line or key.
    static PageWords load(const std::string& path);

    bool has(std::string_view key) const { return words_.find(key) != words_.end(); }
    // Throws std::out_of_range naming a key that is missing.
    const std::string& operator[](std::string_view key) const;

    // With each "{name}" replaced by its value.
    using Values = std::initializer_list<std::pair<std::string_view, std::string_view>>;
    std::string filled(std::string_view key, Values values) const;

    // The first key that this language has and the other has not; "" when there is none.
    std::string_view missing_in(const PageWords& other) const;

  private:
    std::map<std::string, std::string, std::less<>> words_;
};

} // namespace mogiri::module
