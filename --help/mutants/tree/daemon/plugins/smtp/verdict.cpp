#include "verdict.hpp"

namespace mogiri::smtp {

namespace {

constexpr int closing = 421, login_wanted = 530, too_large = 552;

bool refused(int code) {
    return code / 100 == 5;
}

} // namespace

mogiri_outcome verdict(Step step, int code, bool tls_failed) {
    if (tls_failed && step < Step::sender)
        return MOGIRI_STOPPED;
    switch (step) {
    case Step::connecting:
    case Step::encrypting:
        return MOGIRI_STOPPED;
    case Step::greeting:
        return refused(code) ? MOGIRI_STOPPED : MOGIRI_TRANSIENT;
    case Step::login:
        return code == 0 || code == closing ? MOGIRI_TRANSIENT : MOGIRI_STOPPED;
    case Step::sender:
        // Its size was announced with it: that is the mail's own.
        if (code == too_large)
            return MOGIRI_PERMANENT;
        return refused(code) ? MOGIRI_STOPPED : MOGIRI_TRANSIENT;
    case Step::recipient:
    case Step::data:
        if (code == login_wanted)
            return MOGIRI_STOPPED;
        return refused(code) ? MOGIRI_PERMANENT : MOGIRI_TRANSIENT;
    case Step::message:
        return MOGIRI_TRANSIENT;
    case Step::end:
        break;
    }
    switch (code / 100) {
    case 2:
        return MOGIRI_ACCEPTED;
    case 4:
        return MOGIRI_TRANSIENT;
    case 5:
        return MOGIRI_PERMANENT;
    default:
        return MOGIRI_UNKNOWN;
    }
}

} // namespace mogiri::smtp
