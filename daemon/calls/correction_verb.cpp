#include "correction_verb.hpp"

#include "../cache/door_hold.hpp"
#include "../ledger/application_correction.hpp"
#include "../ledger/event_ledger.hpp"
#include "ask.hpp"
#include "resource_verbs.hpp"

namespace mogiri::daemon {

namespace {

struct Wish {
    FormValues fields;
    std::optional<std::vector<std::string>> guests;
};

Wish wish_in(Ask& ask) {
    Wish wish;
    const json_t* fields = ask.value("fields");
    if (fields && !json_is_object(fields))
        ask.wrong("fields", "invalid_format");
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(fields), name, value) {
        if (!json_is_string(value))
            ask.wrong(name, fault_code(FieldFault::not_a_string));
        wish.fields[name] = text_of(value);
    }
    if (ask.value("guests"))
        wish.guests = ask.texts("guests");
    return wish;
}

const Form* form_of(CallTools& tools, const CorrectableApplication& application) {
    const BookedEvent* event = tools.book.find(application.event);
    return event ? event->settings.form(application.form) : nullptr;
}

} // namespace

CallResult correct_application(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const Wish wish = wish_in(ask);
    const std::string reason = ask.text("reason", 1000), id(ask.path("application"));
    if (auto fault = ask.fault())
        return *std::move(fault);
    const std::uint8_t key = tools.office.keys().signing_key();
    ApplicationCorrection correction(tools.database, key);
    const auto was = correction.find(call.event, id, true);
    if (!was)
        return refusal(404, "not_found");
    if (auto unseen = ask.unless_seen(was->version))
        return *std::move(unseen);
    const Form* form = form_of(tools, *was);
    if (!form || !was->may_be_corrected())
        return refusal(409, "not_possible");
    const auto judged = corrected(*form, *was, wish.fields, wish.guests);
    if (const auto* wrong = std::get_if<std::vector<FieldError>>(&judged)) {
        std::vector<std::pair<std::string, std::string>> faults;
        for (const FieldError& error : *wrong)
            faults.emplace_back(error.field, fault_code(error.fault));
        return invalid(faults);
    }
    const auto& wanted = std::get<WantedApplication>(judged);
    try {
        DoorUses uses;
        DoorHold door(tools.database, tools.redis);
        for (const auto& [serial, name] : wanted.renamed)
            uses[{was->event, serial}] = door.use_of(was->event, static_cast<std::uint64_t>(serial));
        auto serials = correction.carry_out(*form, *was, wanted, uses, reason);
        CallResult result = as_shown(tools, call, "application", id);
        result.serials = std::move(serials);
        return result;
    } catch (const CorrectionRefusal& why) {
        return refusal(409, why.what());
    } catch (const LedgerRefusal&) {
        return refusal(409, "not_valid");
    }
}

std::vector<std::uint64_t> corrected_to_hold(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const Wish wish = wish_in(ask);
    const auto was = ApplicationCorrection(tools.database, tools.office.keys().signing_key())
                         .find(call.event, std::string(ask.path("application")), false);
    const Form* form = was && was->may_be_corrected() ? form_of(tools, *was) : nullptr;
    if (!form || ask.unless_seen(was->version))
        return {};
    std::vector<std::uint64_t> serials;
    const auto judged = corrected(*form, *was, wish.fields, wish.guests);
    if (const auto* wanted = std::get_if<WantedApplication>(&judged))
        for (const auto& [serial, name] : wanted->renamed)
            serials.push_back(static_cast<std::uint64_t>(serial));
    return serials;
}

} // namespace mogiri::daemon
