// The door's devices: made by admins, claimed by themselves with a code for one use, changed, revoked.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// {"name","gate","profile"}: a device that waits for its claim.
CallResult create_device(CallTools& tools, const Call& call, const json_t* arguments);
// {"name"?,"gate"?}, If-Match.
CallResult change_device(CallTools& tools, const Call& call, const json_t* arguments);
CallResult revoke_device(CallTools& tools, const Call& call, const json_t* arguments);
// Another code; a key that the device has is good until that is used.
CallResult invite_device(CallTools& tools, const Call& call, const json_t* arguments);
// {"code","url","expires_at"}.
CallResult show_claim(CallTools& tools, const Call& call, const json_t* arguments);
// The URL as a QR symbol: big answers, gone with the next minute.
CallResult draw_claim_svg(CallTools& tools, const Call& call, const json_t* arguments);
CallResult draw_claim_png(CallTools& tools, const Call& call, const json_t* arguments);
// Asked by anybody who has a code: {"code"}, sealed, and the hash of the key that nginx has made. Answers
// {"device","name","event","gate","profile"}; nginx adds the key.
CallResult claim_device(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
