// A program's application as JSON.
#include "typed_form.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mogiri;
    static const EventSettings event = EventSettings::parse(sample_event);
    const auto read = module::read_program_submission(event, {reinterpret_cast<const char*>(data), size},
                                                      "key", Language::en);
    if (const auto* submission = std::get_if<module::Submission>(&read))
        carry(event, *submission);
    return 0;
}
