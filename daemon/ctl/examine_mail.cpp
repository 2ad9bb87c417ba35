// The doctor's look at the mail transport.
#include "doctor.hpp"

namespace mogiri::daemon {

Findings examine_mail(const Configuration&) {
    return {};
}

} // namespace mogiri::daemon
