// What each end of an attempt means: for the mail, for the transport.
#include <verdict.hpp>

#include <gtest/gtest.h>

namespace mogiri::smtp {
namespace {

struct Case {
    Step step;
    int code;
    mogiri_outcome outcome;
};

TEST(SmtpVerdict, GoesByTheStepAndTheServersAnswer) {
    for (const auto& [step, code, outcome] : {
             Case{Step::connecting, 0, MOGIRI_STOPPED},    Case{Step::greeting, 0, MOGIRI_TRANSIENT},
             Case{Step::greeting, 421, MOGIRI_TRANSIENT},  Case{Step::greeting, 554, MOGIRI_STOPPED},
             Case{Step::encrypting, 0, MOGIRI_STOPPED},    Case{Step::encrypting, 454, MOGIRI_STOPPED},
             Case{Step::login, 535, MOGIRI_STOPPED},       Case{Step::login, 454, MOGIRI_STOPPED},
             Case{Step::login, 0, MOGIRI_TRANSIENT},       Case{Step::login, 421, MOGIRI_TRANSIENT},
             Case{Step::sender, 0, MOGIRI_TRANSIENT},      Case{Step::sender, 451, MOGIRI_TRANSIENT},
             Case{Step::sender, 530, MOGIRI_STOPPED},      Case{Step::sender, 550, MOGIRI_STOPPED},
             Case{Step::sender, 552, MOGIRI_PERMANENT},    Case{Step::recipient, 0, MOGIRI_TRANSIENT},
             Case{Step::recipient, 450, MOGIRI_TRANSIENT}, Case{Step::recipient, 550, MOGIRI_PERMANENT},
             Case{Step::recipient, 530, MOGIRI_STOPPED},   Case{Step::data, 0, MOGIRI_TRANSIENT},
             Case{Step::data, 451, MOGIRI_TRANSIENT},      Case{Step::data, 554, MOGIRI_PERMANENT},
             Case{Step::message, 0, MOGIRI_TRANSIENT},     Case{Step::end, 250, MOGIRI_ACCEPTED},
             Case{Step::end, 251, MOGIRI_ACCEPTED},        Case{Step::end, 451, MOGIRI_TRANSIENT},
             Case{Step::end, 421, MOGIRI_TRANSIENT},       Case{Step::end, 554, MOGIRI_PERMANENT},
             Case{Step::end, 0, MOGIRI_UNKNOWN},           Case{Step::end, 354, MOGIRI_UNKNOWN},
         })
        EXPECT_EQ(verdict(step, code, false), outcome) << static_cast<int>(step) << " " << code;
}

TEST(SmtpVerdict, FailedTlsStopsTheTransportButNeverUndoesAMail) {
    EXPECT_EQ(verdict(Step::greeting, 250, true), MOGIRI_STOPPED);
    EXPECT_EQ(verdict(Step::end, 0, true), MOGIRI_UNKNOWN);
    EXPECT_EQ(verdict(Step::end, 250, true), MOGIRI_ACCEPTED);
}

} // namespace
} // namespace mogiri::smtp
