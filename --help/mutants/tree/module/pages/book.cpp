// Reads the templates: partials and words are put in at once, so that filling a page has only its data left
// to do.
#include "pages/book.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "daemon/contract/digest.hpp"

namespace mogiri::module {
namespace {

constexpr std::array<std::string_view, 10> page_names = {
    "form", "confirm", "result", "index", "error", "held", "return", "find", "address", "password"};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error(path +
                                 ": cannot be read; does mogiri_templates name the templates' directory?");
    }
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// The template with its partials {{> name}} put in.
std::string assembled(const std::string& directory, std::string_view name, int depth = 0) {
    const std::string path = directory + "/pages/" + std::string(name) + ".mustache";
    if (depth > 8) {
        throw std::runtime_error(path + ": includes itself");
    }
    const std::string text = read_file(path);
    std::string whole;
    std::string_view rest = text;
    for (auto open = rest.find("{{> "); open != rest.npos; open = rest.find("{{> ")) {
        const auto close = rest.find("}}", open);
        if (close == rest.npos) {
            throw std::runtime_error(path + ": {{> without }}");
        }
        whole += rest.substr(0, open);
        whole += assembled(directory, rest.substr(open + 4, close - open - 4), depth + 1);
        rest.remove_prefix(close + 2);
    }
    return whole.append(rest);
}

// Puts a language's words in for {{t.key}}.
std::string worded(std::string_view text, const PageWords& words, const std::string& page) {
    std::string whole;
    for (auto open = text.find("{{t."); open != text.npos; open = text.find("{{t.")) {
        const auto close = text.find("}}", open);
        const auto key = text.substr(open + 4, close - open - 4);
        if (close == text.npos || !words.has(key)) {
            throw std::runtime_error(page + ": no words for {{t." + std::string(key) +
                                     "}} in the locale files");
        }
        whole += text.substr(0, open);
        whole += kainjow::mustache::html_escape(words[key]);
        text.remove_prefix(close + 2);
    }
    return whole.append(text);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

PageAsset asset_file(const std::string& directory, std::string_view path, std::string_view content_type) {
    std::string content = read_file(directory + std::string(path));
    std::string tag = hex(sha256(content)).substr(0, 12);
    return {path, content_type, std::move(content), std::move(tag)};
}

std::string address(const PageAsset& asset) {
    return std::string(asset.path) + "?v=" + asset.tag;
}

} // namespace

PageBook PageBook::load(const std::string& directory) {
    PageBook book;
    book.assets_ = {asset_file(directory, "/pages/mogiri.css", "text/css; charset=utf-8"),
                    asset_file(directory, "/pages/mogiri.svg", "image/svg+xml"),
                    asset_file(directory, "/pages/form.js", "text/javascript; charset=utf-8"),
                    asset_file(directory, "/pages/password.js", "text/javascript; charset=utf-8")};
    for (const Language language : {Language::ja, Language::en}) {
        const std::string locale = directory + "/locales/" + std::string(language_tag(language)) + ".json";
        Tongue& tongue = book.tongues_[language == Language::ja ? 0 : 1];
        tongue.words = PageWords::load(locale);
        for (const auto name : page_names) {
            std::string text =
                worded(assembled(directory, name), tongue.words, std::string(name) + ".mustache");
            text = replaced(std::move(text), "{{assets.style}}", address(book.assets_[0]));
            text = replaced(std::move(text), "{{assets.icon}}", address(book.assets_[1]));
            text = replaced(std::move(text), "{{assets.script}}", address(book.assets_[2]));
            text = replaced(std::move(text), "{{assets.password}}", address(book.assets_[3]));
            tongue.templates.emplace_back(text);
            if (!tongue.templates.back().is_valid()) {
                throw std::runtime_error(std::string(name) +
                                         ".mustache: " + tongue.templates.back().error_message());
            }
        }
    }
    for (const int one : {0, 1}) {
        if (const auto key = book.tongues_[one].words.missing_in(book.tongues_[1 - one].words);
            !key.empty()) {
            throw std::runtime_error("locales: \"" + std::string(key) + "\" is there in one language only");
        }
    }
    return book;
}

std::string PageBook::fill(Page page, Language language, const PageData& data) {
    std::string text;
    text.reserve(16 * 1024);
    auto& tongue = tongues_[language == Language::ja ? 0 : 1];
    tongue.templates[static_cast<std::size_t>(page)].render(
        data, [&text](const std::string& piece) { text += piece; });
    return text;
}

const PageAsset* PageBook::asset(std::string_view path) const {
    for (const auto& asset : assets_) {
        if (asset.path == path) {
            return &asset;
        }
    }
    return nullptr;
}

void put(PageData& data, const std::string& key, std::string_view text) {
    data[key] = text.empty() ? PageData(false) : PageData(std::string(text));
}

} // namespace mogiri::module
