// Reads bounces and complaints as SES tells them: JSON, alone or in an envelope of SNS.
#include <json_owner.hpp>

#include "bounce.hpp"

namespace mogiri::daemon {

namespace {

std::string text_in(const json_t* object, const char* name) {
    return std::string(text_of(json_object_get(object, name)));
}

const json_t* first_of(const json_t* object, const char* name) {
    return json_array_get(json_object_get(object, name), 0);
}

Json parsed(std::string_view text) {
    try {
        return parse_json(std::string(text));
    } catch (const std::invalid_argument&) {
        throw NotABounce("it begins as JSON and is none: it is cut off, or has bytes that are not UTF-8");
    }
}

void set_bounce(Bounce& bounce, const json_t* about) {
    const json_t* recipient = first_of(about, "bouncedRecipients");
    bounce.status = one_line(text_in(recipient, "status").substr(0, 12));
    bounce.said = one_line(text_in(recipient, "diagnosticCode"));
    const std::string type = text_in(about, "bounceType"), part = text_in(about, "bounceSubType");
    if (bounce.said.empty())
        bounce.said = one_line(type + " " + part);
    // "Undetermined" says that SES could not read the answer: no reason to write no more.
    const bool for_good = type == "Permanent" && part != "ContentRejected" && part != "AttachmentRejected" &&
                          part != "MessageTooLarge" && part != "MailboxFull";
    bounce.kind = for_good ? BounceKind::hard : BounceKind::soft;
}

} // namespace

Bounce read_ses_notification(std::string_view text) {
    Json whole = parsed(text);
    if (text_in(whole.get(), "Type") == "SubscriptionConfirmation")
        throw NotABounce("it asks to confirm a subscription of SNS: open its SubscribeURL");
    if (json_is_string(json_object_get(whole.get(), "Message")))
        whole = parsed(text_in(whole.get(), "Message"));
    std::string type = text_in(whole.get(), "notificationType");
    if (type.empty())
        type = text_in(whole.get(), "eventType");
    const json_t* mail = json_object_get(whole.get(), "mail");
    if (type.empty() || !json_is_object(mail))
        throw NotABounce(
            "it is JSON and no notification of SES: \"notificationType\" and \"mail\" are not in it");
    Bounce bounce;
    bounce.source = "ses";
    bounce.provider_id = text_in(mail, "messageId");
    std::size_t index = 0;
    const json_t* header = nullptr;
    json_array_foreach(json_object_get(mail, "headers"), index, header) {
        const std::string name = text_in(header, "name"), value = text_in(header, "value");
        if ((name == "Message-ID" || name == "Message-Id") && value.size() < 300)
            bounce.message_ids.push_back(value);
    }
    if (bounce.provider_id.empty() && bounce.message_ids.empty())
        throw NotABounce("it names no mail: no \"messageId\" in \"mail\"");
    if (type == "Bounce") {
        set_bounce(bounce, json_object_get(whole.get(), "bounce"));
    } else if (type == "Complaint") {
        bounce.kind = BounceKind::complaint;
        bounce.said = one_line("complaint " +
                               text_in(json_object_get(whole.get(), "complaint"), "complaintFeedbackType"));
    } else {
        bounce.kind = BounceKind::news;
        bounce.said = one_line(type);
    }
    return bounce;
}

} // namespace mogiri::daemon
