// Dates in words.
#include <mail/event_texts.hpp>

#include <gtest/gtest.h>

namespace mogiri::daemon {
namespace {

std::vector<EventDay> days(std::initializer_list<const char*> dates) {
    std::vector<EventDay> list;
    for (const char* date : dates) {
        list.emplace_back();
        list.back().date = date;
    }
    return list;
}

TEST(EventTexts, SayDates) {
    EXPECT_EQ(date_text("2027-06-12", Language::ja), "2027年6月12日(土)");
    EXPECT_EQ(date_text("2027-06-12", Language::en), "Sat 12 June 2027");
    EXPECT_EQ(date_text("2027-02-30", Language::en), "2027-02-30");
    EXPECT_EQ(date_text("soon", Language::ja), "soon");
}

TEST(EventTexts, SayDaysOfOneMonthTogether) {
    EXPECT_EQ(days_text(days({"2027-06-12", "2027-06-13"}), Language::ja), "2027年6月12日(土)・13日(日)");
    EXPECT_EQ(days_text(days({"2027-06-12", "2027-06-13"}), Language::en), "Sat 12 & Sun 13 June 2027");
    EXPECT_EQ(days_text(days({"2027-06-30", "2027-07-01"}), Language::en),
              "Wed 30 June 2027 & Thu 1 July 2027");
    EXPECT_EQ(days_text(days({"2027-06-12"}), Language::ja), "2027年6月12日(土)");
    EXPECT_EQ(days_text({}, Language::ja), "");
}

} // namespace
} // namespace mogiri::daemon
