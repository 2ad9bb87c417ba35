// Event settings: what is read, which day it is, and that each refusal names its key.
#include "form.hpp"

#include <gtest/gtest.h>

#include "sample_event.hpp"

namespace mogiri {
namespace {

std::string changed(const std::string& from, const std::string& to) {
    std::string text = sample_event;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string refused_path(const std::string& json) {
    try {
        EventSettings::parse(json);
    } catch (const SettingsError& error) {
        return error.path();
    }
    return "accepted";
}

TEST(EventSettings, reads_the_sample) {
    const EventSettings event = EventSettings::parse(sample_event);
    EXPECT_EQ(event.slug, "fest");
    EXPECT_EQ(event.kinds.at(1).allowance, 2);
    EXPECT_EQ(event.gate("main")->kinds, 0xffffffffU);
    EXPECT_EQ(event.gate("back")->kinds, 2U);
    EXPECT_EQ(event.form("student")->roster->sizes.at("S2E"), 32);
    EXPECT_EQ(event.double_read_ms, 2000);
}

TEST(EventSettings, names_the_key_that_is_wrong) {
    EXPECT_EQ(refused_path(changed("\"slug\": \"fest\"", "\"slug\": \"a b\"")), "slug");
    EXPECT_EQ(refused_path(changed("\"slug\": \"fest\", ", "")), "slug");
    EXPECT_EQ(refused_path(changed("\"09:00\"", "\"9 o'clock\"")), "day[0].opens");
    EXPECT_EQ(refused_path(changed("[\"staff\"]", "[\"nobody\"]")), "gate[1].kinds");
    EXPECT_EQ(refused_path(changed("\"roman\"", "\"greek\"")), "form[0].field[0].type");
    EXPECT_EQ(refused_path(changed("\"max\": 50,", "\"maximum\": 50,")), "form[0].field[4].maximum");
    EXPECT_EQ(refused_path(changed("{email:local}", "{nothing}")), "form[1].applicant");
    EXPECT_EQ(refused_path(changed("\"S2E\": 32", "\"S2E\": \"32\"")), "form[0].roster.sizes.S2E");
    EXPECT_EQ(refused_path(changed("\"version\": 3", "\"forced_day\": 3")), "forced_day");
    EXPECT_EQ(refused_path(changed("\"limit\": 2", "\"approval\": \"yes\"")), "form[0].approval");
    EXPECT_EQ(refused_path(changed("\"limit\": 2", "\"waiting_list\": 1")), "form[0].waiting_list");
    EXPECT_EQ(refused_path(changed("\"limit\": 2", "\"confirm_hours\": 4")), "form[0].confirm_hours");
    EXPECT_EQ(refused_path(changed("\"limit\": 2", "\"confirm_address\": true, \"confirm_hours\": 0")),
              "form[0].confirm_hours");
}

TEST(EventSettings, knows_the_day) {
    EventSettings event = EventSettings::parse(sample_event);
    const auto at = [&](std::int64_t now) {
        const CurrentDay day = event.day_at(now);
        return std::pair(int{day.day}, day.window);
    };
    EXPECT_EQ(at(999), std::pair(1, Window::not_yet));
    EXPECT_EQ(at(1000), std::pair(1, Window::open));
    EXPECT_EQ(at(2000), std::pair(1, Window::over));
    EXPECT_EQ(at(3500), std::pair(2, Window::open));
    EXPECT_EQ(at(9000), std::pair(2, Window::over));
    event.forced_day = 2;
    EXPECT_EQ(at(0), std::pair(2, Window::open));
    event.state = EventState::archived;
    EXPECT_EQ(at(0), std::pair(2, Window::over));
    event.forced_day = 0;
    EXPECT_EQ(at(1000), std::pair(2, Window::over));
}

TEST(EventSettings, knows_which_kinds_a_day_lets_in) {
    EventSettings event = EventSettings::parse(
        changed("\"layout\": \"a\", \"allowance\": 2}", "\"layout\": \"a\", \"days\": [2]}"));
    EXPECT_EQ(event.kinds_of(1).valid, 1U);
    EXPECT_EQ(event.kinds_of(1).to_come, 2U);
    EXPECT_EQ(event.kinds_of(2).valid, 3U);
    event.kinds[1].days = {1};
    EXPECT_EQ(event.kinds_of(2).valid, 1U);
    EXPECT_EQ(event.kinds_of(2).to_come, 0U);
    EXPECT_EQ(refused_path(changed("\"allowance\": 2}", "\"days\": [3]}")), "kind[1].days");
    EXPECT_EQ(refused_path(changed("\"allowance\": 2}", "\"days\": [\"1\"]}")), "kind[1].days");
}

TEST(EventSettings, reads_a_roster_by_list) {
    const std::string sizes =
        R"({"number": "student_number", "group": ["school_grades", "classes"], "sizes": {"S2E": 32}})";
    const EventSettings event = EventSettings::parse(changed(sizes, "{\"list\": true}"));
    const Form& form = *event.form("student");
    EXPECT_EQ(form.roster->id, form.applicant);
    EXPECT_EQ(filled_pattern(form, form.roster->id,
                             {{"school_grades", "S2"}, {"classes", "E"}, {"student_number", "3"}}),
              "S2E03");
    EXPECT_EQ(refused_path(changed(sizes, R"({"list": true, "id": "{nothing}"})")), "form[0].roster.id");
    EXPECT_EQ(refused_path(changed(sizes, R"({"list": true, "sizes": {}})")), "form[0].roster.sizes");
}

TEST(Language, is_chosen_by_weight) {
    EXPECT_EQ(preferred_language(""), Language::ja);
    EXPECT_EQ(preferred_language("en-US,en;q=0.9"), Language::en);
    EXPECT_EQ(preferred_language("en;q=0.5, ja"), Language::ja);
    EXPECT_EQ(preferred_language("ja;q=0.3, en;q=0.8"), Language::en);
    EXPECT_EQ(preferred_language("fr, de"), Language::ja);
}

} // namespace
} // namespace mogiri
