// A transport made for an ABI that this mogirid does not speak.
#include <transport.h>

__attribute__((visibility("default"))) const struct mogiri_transport* mogiri_transport_plugin(void) {
    static const mogiri_transport strange{
        MOGIRI_TRANSPORT_ABI + 1, "strange", nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
    return &strange;
}
