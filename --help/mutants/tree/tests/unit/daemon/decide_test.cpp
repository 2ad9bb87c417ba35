// The rules of applying, one after the other.
#include <gtest/gtest.h>

#include "festival.hpp"
#include "road/decide.hpp"

namespace mogiri::daemon {

namespace {

class Decide : public ::testing::Test {
  protected:
    Decision decided(const ApplyJob& job) { return decide(job, event_, standing_); }

    BookedEvent event_{EventSettings::parse(sample_event), 0};
    Standing standing_;
};

TEST_F(Decide, LimitCountsTicketsOverAllApplications) {
    EXPECT_EQ(decided(application(1, 12)), Decision::issued);
    EXPECT_EQ(decided(application(2, 12, 2)), Decision::limit_reached);
    EXPECT_EQ(decided(application(3, 12)), Decision::issued);
    EXPECT_EQ(decided(application(4, 12)), Decision::limit_reached);
}

TEST_F(Decide, StudentBeyondTheClassDoesNotExist) {
    EXPECT_EQ(decided(application(1, 32)), Decision::issued);
    EXPECT_EQ(decided(application(2, 33)), Decision::unknown_student);
}

TEST_F(Decide, ApplicantKeepsOneAddressAndAddressOneApplicant) {
    EXPECT_EQ(decided(application(1, 12)), Decision::issued);
    ApplyJob elsewhere = application(2, 12);
    elsewhere.email = "other@example.jp";
    EXPECT_EQ(decided(elsewhere), Decision::address_taken);
    ApplyJob another = application(3, 13);
    another.email = "student12@example.jp";
    EXPECT_EQ(decided(another), Decision::address_taken);
    ApplyJob same = application(4, 12);
    same.email = "Student12@EXAMPLE.jp";
    EXPECT_EQ(decided(same), Decision::issued);
}

TEST_F(Decide, CapacityOfTheKindIsNeverPassed) {
    event_.settings.kinds[0].capacity = 3;
    EXPECT_EQ(decided(application(1, 1, 2)), Decision::issued);
    EXPECT_EQ(decided(application(2, 2, 2)), Decision::sold_out);
    EXPECT_EQ(decided(application(3, 3, 1)), Decision::issued);
    EXPECT_EQ(decided(application(4, 4, 1)), Decision::sold_out);
}

TEST_F(Decide, CapacityOfADayIsThatOfAllItsKinds) {
    event_.settings.days[0].capacity = 3;
    event_.settings.days[1].capacity = 5;
    event_.settings.kinds[1].days = {2};
    ApplyJob second_day = application(9, 9, 2);
    second_day.form = "teacher";
    standing_.taken[{1, "staff"}] = 1;
    EXPECT_EQ(decided(application(1, 1, 2)), Decision::issued); // now 2 on the first day, 3 on the second
    EXPECT_EQ(decided(application(2, 2, 2)), Decision::sold_out);
    EXPECT_EQ(decided(second_day), Decision::issued);
    EXPECT_EQ(decided(application(3, 3, 1)), Decision::sold_out);
    event_.settings.days[1].capacity = 6;
    EXPECT_EQ(decided(application(4, 4, 1)), Decision::issued);
}

TEST_F(Decide, RosterByListKnowsWhoMayApplyAndFromWhichAddress) {
    Roster& roster = event_.settings.forms[0].roster.emplace();
    roster.list = true;
    roster.id = event_.settings.forms[0].applicant;
    standing_.roster = {{{1, "student", "S2E12"}, ""}, {{1, "student", "S2E13"}, "student13@example.jp"}};
    EXPECT_EQ(decided(application(1, 12)), Decision::issued);
    EXPECT_EQ(decided(application(2, 14)), Decision::unknown_student);
    ApplyJob elsewhere = application(3, 13);
    elsewhere.email = "other@example.jp";
    EXPECT_EQ(decided(elsewhere), Decision::address_taken);
    EXPECT_EQ(decided(application(4, 13)), Decision::issued);
}

TEST_F(Decide, ClosingCountsFromWhenItHappened) {
    event_.settings.state = EventState::closed;
    ApplyJob in_time = application(1, 1), late = application(2, 2);
    event_.state_since_ms = late.submitted_ms;
    in_time.submitted_ms -= 1;
    EXPECT_EQ(decided(in_time), Decision::issued);
    EXPECT_EQ(decided(late), Decision::closed);
}

TEST_F(Decide, FormTakesApplicationsBetweenItsTimes) {
    ApplyJob job = application(1, 1);
    event_.settings.forms[0].opens_ms = job.submitted_ms + 1;
    EXPECT_EQ(decided(job), Decision::not_open_yet);
    event_.settings.forms[0].opens_ms = job.submitted_ms;
    event_.settings.forms[0].closes_ms = job.submitted_ms + 1;
    EXPECT_EQ(decided(job), Decision::issued);
    job.submitted_ms += 1;
    EXPECT_EQ(decided(job), Decision::closed);
}

TEST_F(Decide, RefusalLeavesNoTrace) {
    ApplyJob too_many = application(1, 12, 3);
    EXPECT_EQ(decided(too_many), Decision::limit_reached);
    ApplyJob other = application(2, 12, 2);
    other.email = "other@example.jp";
    EXPECT_EQ(decided(other), Decision::issued);
}

TEST_F(Decide, FormThatIsGoneIsAFault) {
    ApplyJob job = application(1, 1);
    job.form = "parent";
    EXPECT_THROW(decided(job), FaultyJob);
}

TEST_F(Decide, UnconfirmedOnesTakeNothingAndAreJudgedWhenConfirmed) {
    event_.settings.forms[0].confirm_address = true;
    event_.settings.kinds[0].capacity = 2;
    EXPECT_EQ(decided(application(1, 12, 2)), Decision::unconfirmed);
    EXPECT_EQ(decided(application(2, 12, 2)), Decision::unconfirmed);
    ApplyJob elsewhere = application(3, 12);
    elsewhere.email = "other@example.jp";
    EXPECT_EQ(decided(elsewhere), Decision::unconfirmed);
    EXPECT_EQ(decided(application(4, 33)), Decision::unknown_student); // depends on nobody else
    EXPECT_EQ(decide(application(2, 12, 2), event_, standing_, true), Decision::issued);
    EXPECT_EQ(decide(application(1, 12, 2), event_, standing_, true), Decision::limit_reached);
    EXPECT_EQ(decide(elsewhere, event_, standing_, true), Decision::address_taken);
    EXPECT_EQ(decide(application(5, 13), event_, standing_, true), Decision::sold_out);
}

TEST_F(Decide, WhatAwaitsApprovalHoldsItsPlaces) {
    event_.settings.forms[0].approval = true;
    event_.settings.kinds[0].capacity = 3;
    EXPECT_EQ(decided(application(1, 12, 2)), Decision::awaiting_approval);
    EXPECT_EQ(decided(application(2, 12)), Decision::limit_reached);
    EXPECT_EQ(decided(application(3, 13, 2)), Decision::sold_out);
    EXPECT_EQ(decided(application(4, 13)), Decision::awaiting_approval);
}

TEST_F(Decide, WhoComesLaterGoesBehindThoseWhoWait) {
    event_.settings.forms[0].waiting_list = true;
    event_.settings.kinds[0].capacity = 2;
    EXPECT_EQ(decided(application(1, 1)), Decision::issued);
    EXPECT_EQ(decided(application(2, 2, 2)), Decision::waiting);
    EXPECT_EQ(decided(application(3, 3)), Decision::waiting); // though there is room: the list is asked first
    EXPECT_EQ(decided(application(4, 2)), Decision::limit_reached);
    ApplyJob too_many = application(5, 4, 2);
    event_.settings.kinds[0].capacity = 1;
    EXPECT_EQ(decided(too_many), Decision::sold_out); // more than there ever can be
}

TEST_F(Decide, AWaitingListIsOfThosePlacesAlone) {
    for (Form& form : event_.settings.forms)
        form.waiting_list = true;
    ApplyJob staff = application(1, 1);
    staff.form = "teacher";
    standing_.waiting.emplace(1, "guest");
    EXPECT_EQ(decided(staff), Decision::issued); // of another kind
    event_.settings.days[0].capacity = 100;
    EXPECT_EQ(decided(application(2, 2)), Decision::waiting);
    staff.id = application_id(3);
    EXPECT_EQ(decided(staff), Decision::waiting); // a day's places are everybody's
    standing_.waiting.clear();
    standing_.waiting.emplace(2, "guest"); // of another event
    EXPECT_EQ(decided(application(4, 4)), Decision::issued);
}

} // namespace

} // namespace mogiri::daemon
