// The pages' templates, compiled with the words of each language, ready to be filled.
//
// Read once, by nginx's master process; filled in memory, by one thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <kainjow/mustache.hpp>

#include "daemon/contract/event_settings.hpp"
#include "pages/words.hpp"

namespace mogiri::module {

using PageData = kainjow::mustache::data;

enum class Page { form, confirm, result, index, error, held, give_back, find, address, password };

// A file that the pages refer to, served as it is.
struct PageAsset {
    std::string_view path; // "/pages/mogiri.css"
    std::string_view content_type;
    std::string content;
    std::string tag; // changes with the content; part of the address that the pages name
};

class PageBook {
  public:
    // From pages/*.mustache, pages/{mogiri.css,mogiri.svg,form.js} and locales/{ja,en}.json. Throws
    // std::runtime_error that names the file and what is wrong with it.
    static PageBook load(const std::string& directory);

    const PageWords& words(Language language) const { return tongue(language).words; }
    std::string fill(Page page, Language language, const PageData& data);

    // Null when there is none of that path.
    const PageAsset* asset(std::string_view path) const;

  private:
    static constexpr std::size_t pages = 9;

    struct Tongue {
        PageWords words;
        std::vector<kainjow::mustache::mustache> templates; // by Page
    };

    const Tongue& tongue(Language language) const { return tongues_[language == Language::ja ? 0 : 1]; }

    std::array<Tongue, 2> tongues_;
    std::array<PageAsset, 4> assets_;
};

// An empty text is absent: mustache would take "" for true, and look into the surroundings for what is not
// set.
void put(PageData& data, const std::string& key, std::string_view text);

} // namespace mogiri::module
