// The door's devices: made by admins, claimed by themselves with a code for one use, changed, revoked.
#include "device_verbs.hpp"

#include <redis_keys.hpp>

#include "../ledger/device_ledger.hpp"
#include "../render/qr_picture.hpp"
#include "ask.hpp"
#include "resource_verbs.hpp"

namespace mogiri::daemon {

namespace {

CallResult settled(CallResult result, std::uint32_t event) {
    result.settings = event;
    return result;
}

std::optional<DeviceClaim> claim_in(CallTools& tools, const Call& call, const json_t* arguments) {
    return DeviceLedger(tools.database)
        .claim_of(tools.office.keys(), call.event, Ask(tools, arguments).path_number("device"));
}

std::string url_of(CallTools& tools, const Call& call, const DeviceClaim& claim) {
    const BookedEvent* event = tools.book.find(call.event);
    return claim_url(tools.office.configuration().server_url, event ? event->settings.slug : "",
                     event && event->settings.is_default, claim.code);
}

using Drawing = std::string (*)(const QrSymbol&);

CallResult draw_claim(CallTools& tools, const Call& call, const json_t* arguments, Drawing draw,
                      const char* type) {
    const auto claim = claim_in(tools, call, arguments);
    if (!claim)
        return refusal(404, "no_claim");
    const std::string picture = draw(QrSymbol(url_of(tools, call, *claim), ErrorCorrection::M));
    const std::string key = redis_keys::big_answer(call.event, "claim-" + call.id);
    tools.redis.command({"SET", key, picture, "EX", big_answer_life_s});
    return {200, encode(BigAnswer{key, static_cast<std::int64_t>(picture.size()), type})};
}

} // namespace

CallResult create_device(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string name = ask.text("name", 100), gate = ask.text("gate", 64),
                      profile = ask.choice("profile", {"scanner", "supervisor"});
    if (auto fault = ask.fault())
        return *std::move(fault);
    try {
        DeviceLedger ledger(tools.database);
        const std::uint32_t number = ledger.add(
            call.event, name, gate,
            profile == "supervisor" ? DeviceProfile::supervisor : DeviceProfile::scanner, std::nullopt);
        ledger.invite(tools.office.keys(), call.event, number);
        return as_shown(tools, call, "device", std::to_string(number), 201);
    } catch (const DeviceFault& fault) {
        return invalid(fault.field(), fault.what());
    }
}

CallResult change_device(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const auto name = ask.maybe_text("name", 100), gate = ask.maybe_text("gate", 64);
    if (auto fault = ask.fault())
        return *std::move(fault);
    DeviceLedger ledger(tools.database);
    const std::int64_t number = ask.path_number("device");
    const auto version = ledger.lock(call.event, number);
    if (!version)
        return refusal(404, "not_found");
    if (auto unseen = ask.unless_seen(*version))
        return *std::move(unseen);
    try {
        ledger.change(call.event, number, name, gate);
        return settled(as_shown(tools, call, "device", ask.path("device")), call.event);
    } catch (const DeviceFault& fault) {
        return invalid(fault.field(), fault.what());
    }
}

CallResult revoke_device(CallTools& tools, const Call& call, const json_t* arguments) {
    const Ask ask(tools, arguments);
    if (!DeviceLedger(tools.database).revoke(call.event, ask.path_number("device")))
        return refusal(404, "not_found");
    return settled(as_shown(tools, call, "device", ask.path("device")), call.event);
}

CallResult invite_device(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    if (auto fault = ask.fault())
        return *std::move(fault);
    DeviceLedger ledger(tools.database);
    const std::int64_t number = ask.path_number("device");
    if (!ledger.lock(call.event, number))
        return refusal(404, "not_found");
    ledger.invite(tools.office.keys(), call.event, number);
    return as_shown(tools, call, "device", ask.path("device"), 201);
}

CallResult show_claim(CallTools& tools, const Call& call, const json_t* arguments) {
    const auto claim = claim_in(tools, call, arguments);
    if (!claim)
        return refusal(404, "no_claim");
    const Json body(json_object());
    json_object_set_new(body.get(), "code", json_of(claim->code));
    json_object_set_new(body.get(), "url", json_of(url_of(tools, call, *claim)));
    json_object_set_new(body.get(), "expires_at", json_of(claim->ends_at));
    return {200, json_text(body.get())};
}

CallResult draw_claim_svg(CallTools& tools, const Call& call, const json_t* arguments) {
    return draw_claim(tools, call, arguments, qr_svg, "image/svg+xml");
}

CallResult draw_claim_png(CallTools& tools, const Call& call, const json_t* arguments) {
    return draw_claim(tools, call, arguments, qr_png, "image/png");
}

CallResult claim_device(CallTools& tools, const Call&, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string code = ask.secret("code");
    if (auto fault = ask.fault())
        return *std::move(fault);
    const auto claimed = DeviceLedger(tools.database).claim(code, std::string(ask.new_secret()));
    if (!claimed)
        return refusal(404, "no_claim");
    const Result devices =
        tools.database.query("SELECT name, gate, profile, slug, definition FROM device JOIN event ON "
                             "event.number = device.event WHERE event = $1 AND device.number = $2",
                             {claimed->event, claimed->number});
    const Row device = devices[0];
    const EventSettings settings = EventSettings::parse(device.text(4));
    const Gate* gate = settings.gate_numbered(static_cast<std::uint16_t>(device.number(1)));
    const Json body(json_object());
    json_object_set_new(body.get(), "device", json_integer(claimed->number));
    json_object_set_new(body.get(), "name", json_of(device.text(0)));
    json_object_set_new(body.get(), "event", json_of(device.text(3)));
    json_object_set_new(body.get(), "gate", json_of(gate ? gate->id : ""));
    json_object_set_new(body.get(), "profile", json_of(device.text(2)));
    return settled({200, json_text(body.get())}, claimed->event);
}

} // namespace mogiri::daemon
