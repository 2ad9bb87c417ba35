// Accents are put onto their letters, and nothing else of a name is changed.
#include <render/accents.hpp>

#include <gtest/gtest.h>

namespace mogiri::daemon {
namespace {

TEST(Accents, AreOneWithTheirLettersWherePossible) {
    EXPECT_EQ(composed("Zoe\u0308 か\u3099か\u309a"), "Zo\u00eb がか\u309a");
    EXPECT_EQ(composed("\u1ea1\u0301"), "\u1ea1\u0301");
}

TEST(Accents, LeaveTheKanjiOfNames) {
    // U+FA19 and U+FA1B are kanji of names that the normal form would exchange for 神 and 福.
    for (const std::string& name : {std::string("髙橋 﨑山 𠮷野 \uFA19谷 \uFA1B田"),
                                    std::string("辻\U000E0100"), std::string("👨‍👩‍👧"),
                                    std::string("محمد"), std::string("\xff\xfe e\u0301"), std::string()})
        EXPECT_EQ(composed(name), name);
}

TEST(Accents, AreFoundByWord) {
    EXPECT_TRUE(accented_words("Zo\u00eb 山田").empty());
    const std::vector<Span> words = accented_words("Ann \u1ea1\u0301\u0323b 山田 C\u030c");
    ASSERT_EQ(words.size(), 2u);
    EXPECT_EQ(words[0].begin, 4u);
    EXPECT_EQ(words[0].end, 12u);
    EXPECT_EQ(words[1].begin, 20u);
    EXPECT_EQ(words[1].end, 23u);
    EXPECT_TRUE(accented_words("\xff e\u0301").empty());
}

} // namespace
} // namespace mogiri::daemon
