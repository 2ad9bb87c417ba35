#include "qr_symbol.hpp"

#include <stdexcept>

#include <qrencode.h>

#include "../owned.hpp"

namespace mogiri::daemon {

namespace {

QRecLevel level_of(ErrorCorrection level) {
    switch (level) {
    case ErrorCorrection::L:
        return QR_ECLEVEL_L;
    case ErrorCorrection::M:
        return QR_ECLEVEL_M;
    case ErrorCorrection::Q:
        return QR_ECLEVEL_Q;
    case ErrorCorrection::H:
        break;
    }
    return QR_ECLEVEL_H;
}

constexpr std::string_view alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

} // namespace

QrSymbol::QrSymbol(std::string_view text, ErrorCorrection level) {
    const auto mode = text.find_first_not_of(alphanumeric) == text.npos ? QR_MODE_AN : QR_MODE_8;
    const Owned<QRinput, QRinput_free> input(QRinput_new2(0, level_of(level)));
    if (!input || QRinput_append(input.get(), mode, static_cast<int>(text.size()),
                                 reinterpret_cast<const unsigned char*>(text.data())) != 0)
        throw std::invalid_argument("not a text that a QR symbol can hold");
    const Owned<QRcode, QRcode_free> code(QRcode_encodeInput(input.get()));
    if (!code)
        throw std::invalid_argument("too long for a QR symbol");
    version_ = code->version;
    width_ = code->width;
    modules_.assign(code->data, code->data + static_cast<std::size_t>(width_) * width_);
}

} // namespace mogiri::daemon
