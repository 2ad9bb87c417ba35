// The event file: the shipped sample is what the festival needs, and an error points at its line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "event_file.hpp"
#include "event_file_text.hpp"

using namespace mogiri;
using mogiri::daemon::EventFile;
using mogiri::daemon::EventFileError;

namespace {

std::string sample_text() {
    std::ifstream in(MOGIRI_SAMPLE_EVENT);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The sample with one line replaced, and what is said about it.
std::string complaint(const std::string& line, const std::string& instead) {
    std::string text = sample_text();
    const std::size_t at = text.find("\n" + line + "\n");
    if (at == std::string::npos)
        return "no such line: " + line;
    text.replace(at + 1, line.size(), instead);
    const auto number = 2 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    try {
        EventFile::parse(text, "x.toml");
        return "nothing";
    } catch (const EventFileError& error) {
        std::string says = error.what();
        const std::string place = "x.toml:" + std::to_string(number) + ": ";
        return says.starts_with(place) ? "here: " + says.substr(place.size()) : says;
    }
}

} // namespace

TEST(EventFile, SampleIsTheFestival) {
    const EventFile file = EventFile::load(MOGIRI_SAMPLE_EVENT);
    const EventSettings& festival = file.settings();
    EXPECT_EQ(festival.slug, "musicfes");
    EXPECT_EQ(festival.days.size(), 2u);
    EXPECT_EQ(festival.gates.size(), 2u);
    ASSERT_NE(festival.form("student"), nullptr);
    EXPECT_EQ(festival.form("student")->limit, 2);
    ASSERT_NE(festival.form("teacher"), nullptr);
    EXPECT_EQ(festival.form("teacher")->limit, 10);
    const auto& sizes = festival.form("student")->roster.value().sizes;
    EXPECT_EQ(sizes.size(), 30u);
    EXPECT_EQ(sizes.at("J1A"), 45);
    EXPECT_EQ(sizes.at("S2E"), 32);
    EXPECT_EQ(sizes.at("S1F"), 50);
    std::int64_t students = 0;
    for (const auto& [group, size] : sizes)
        students += size;
    EXPECT_EQ(students, 1177);
}

TEST(EventFile, ErrorsPointAtTheLine) {
    EXPECT_THAT(complaint("  number = \"student_number\"", "  number = \"studentnumber\""),
                testing::HasSubstr("form[0].roster"));
    EXPECT_THAT(complaint("limit     = 10", "limit     = \"10\""),
                testing::StartsWith("here: form[1].limit"));
    EXPECT_THAT(complaint("kind      = \"guest\"", "kind      = \"guests\""), testing::HasSubstr("guests"));
    EXPECT_THAT(complaint("number = 2", "numbr = 2"), testing::HasSubstr("day[1]"));
    EXPECT_THAT(complaint("  J1A = 45", "  J1A = -1"), testing::StartsWith("here: form[0].roster.sizes"));
    EXPECT_THAT(complaint("limit     = 10", "limit     = = 10"), testing::StartsWith("here: "));
    EXPECT_THAT(complaint("date   = \"2027-06-12\"", "date = 2027-06-12T09:00:00"),
                testing::StartsWith("here: day[0].date"));
}

TEST(EventFile, MailsOwnWordsNameWhatTheyKnow) {
    const auto with = [](const std::string& key, const std::string& words) {
        return complaint("[[kind]]", "[mail.tickets]\n[[kind]]") == "nothing"
                   ? complaint(
                         "venue_capacity = 0                        # people inside at once; 0: no limit",
                         "mail.tickets." + key + " = " + words)
                   : "no [mail.tickets]";
    };
    EXPECT_EQ(with("subject", "{ ja = \"{event} {count}枚\", en = \"{event}\" }"), "nothing");
    EXPECT_EQ(with("text", "{ ja = \"一\\n二 {status_url}\", en = \"{applicant}, {contact}\" }"), "nothing");
    EXPECT_THAT(with("subject", "{ ja = \"{evnt}\", en = \"x\" }"),
                testing::AllOf(testing::StartsWith("here: mail.tickets.subject.ja = \"{evnt}\""),
                               testing::HasSubstr("names {evnt}; a place is one of {event}, {contact}")));
    for (const char* broken : {"{event", "event}", "{{event}}", "{}"})
        EXPECT_THAT(with("text", std::string("{ ja = \"x\", en = \"") + broken + "\" }"),
                    testing::StartsWith("here: mail.tickets.text.en"))
            << broken;
    EXPECT_THAT(with("subject", "{ ja = \"a\\nb\", en = \"x\" }"), testing::HasSubstr("one line"));
    EXPECT_THAT(with("subject", "{ ja = \"\", en = \"x\" }"), testing::HasSubstr("1 to 200"));
    EXPECT_THAT(with("body", "{ ja = \"a\", en = \"x\" }"), testing::HasSubstr("no key that is known"));
    EXPECT_THAT(
        complaint("contact   = \"festival@example.jp\"   # printed where an applicant may have a question",
                  "contact = \"c@example.jp\"\nsender = \"no address\""),
        testing::HasSubstr("sender"));
}

TEST(EventFile, TakesTomlsOwnDatesAndTimes) {
    EXPECT_EQ(complaint("date   = \"2027-06-12\"", "date = 2027-06-12"), "nothing");
    EXPECT_EQ(complaint("opens  = \"09:00\"", "opens = 09:00:00"), "nothing");
}

TEST(EventFile, WrittenAgainItIsTheSame) {
    const EventFile file = EventFile::load(MOGIRI_SAMPLE_EVENT);
    Json strange(json_deep_copy(file.definition()));
    json_object_set_new(strange.get(), "double_read", json_real(0.5));
    json_object_set_new(strange.get(), "contact", json_string("a \"quoted\" \\ one\n\x01"));
    for (const json_t* definition : {file.definition(), const_cast<const json_t*>(strange.get())}) {
        const std::string text = mogiri::daemon::event_file_text(definition);
        EXPECT_THAT(text, testing::HasSubstr("    [[form.field]]\n"));
        EXPECT_TRUE(json_equal(EventFile::parse(text, "again").definition(), definition)) << text;
    }
}

TEST(EventFile, ForcedDayMustExist) {
    EventFile file = EventFile::load(MOGIRI_SAMPLE_EVENT);
    file.force_day(2);
    EXPECT_EQ(file.settings().forced_day, 2);
    EXPECT_THROW(file.force_day(3), EventFileError);
}

TEST(EventFile, MissingFileSaysWhatToDo) {
    try {
        EventFile::load("/nowhere/event.toml");
        FAIL();
    } catch (const EventFileError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("/nowhere/event.toml: cannot be read"));
    }
}
