// What staff do with mails that are owed.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// The mail of the path is due now; one that failed is owed once more, as a new mail. Answers the mail that is
// due; 409 `mail_ended` where there is nothing to retry.
CallResult retry_mail(CallTools& tools, const Call& call, const json_t* arguments);

// The mail of the path as it would be written now. 409 `nothing_left` where it would not be written any more.
CallResult preview_mail(CallTools& tools, const Call& call, const json_t* arguments);
// Its HTML.
CallResult draw_mail(CallTools& tools, const Call& call, const json_t* arguments);

// Nothing was wrong with the address of the mail of the path, or it is mended: it gets mail again. 409
// `not_suppressed`.
CallResult unsuppress_mail(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
