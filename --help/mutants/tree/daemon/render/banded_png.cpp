#include "banded_png.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

#include <zlib.h>

namespace mogiri::daemon {

namespace {

// PNG's filters, by their numbers on the wire.
constexpr int none = 0, sub = 1, up = 2, average = 3, paeth = 4;

void append_number(std::string& out, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>(number >> shift);
}

const Bytef* bytes_of(const char* text) {
    return reinterpret_cast<const Bytef*>(text);
}

std::string chunk(std::string_view type, std::string_view data) {
    std::string out;
    out.reserve(data.size() + 12);
    append_number(out, static_cast<std::uint32_t>(data.size()));
    out.append(type).append(data);
    append_number(out, static_cast<std::uint32_t>(
                           crc32(0, bytes_of(out.data() + 4), static_cast<uInt>(out.size() - 4))));
    return out;
}

// A piece of a raw deflate stream that looks back on nothing before it.
class Deflater {
  public:
    Deflater(int level, int strategy) {
        if (deflateInit2(&stream_, level, Z_DEFLATED, -MAX_WBITS, 9, strategy) != Z_OK)
            throw std::bad_alloc();
    }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    ~Deflater() { deflateEnd(&stream_); }

    void add(const std::vector<std::uint8_t>& row) {
        adler_ = adler32(adler_, row.data(), static_cast<uInt>(row.size()));
        length_ += static_cast<long>(row.size());
        stream_.next_in = const_cast<Bytef*>(row.data());
        stream_.avail_in = static_cast<uInt>(row.size());
        run(Z_NO_FLUSH);
    }

    std::string finish(int flush) {
        run(flush);
        return std::move(out_);
    }

    unsigned long adler() const { return adler_; }
    long length() const { return length_; }

  private:
    void run(int flush) {
        do {
            std::array<Bytef, 32768> room;
            stream_.next_out = room.data();
            stream_.avail_out = room.size();
            deflate(&stream_, flush);
            out_.append(reinterpret_cast<const char*>(room.data()), room.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
    }

    z_stream stream_{};
    std::string out_;
    unsigned long adler_ = adler32(0, nullptr, 0);
    long length_ = 0;
};

int predicted(int filter, int left, int above, int corner) {
    switch (filter) {
    case sub:
        return left;
    case up:
        return above;
    case average:
        return (left + above) / 2;
    case paeth: {
        const int guess = left + above - corner;
        const int a = std::abs(guess - left), b = std::abs(guess - above), c = std::abs(guess - corner);
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }
    default:
        return 0;
    }
}

// Spells rows for PNG: filter byte, then the differences from what the filter predicts.
class RowFilter {
  public:
    // `quick`: the row above is always the measure. Right for bands of codes and letters on flat ground,
    // where it leaves little but runs of zeros, for the rest one tries.
    RowFilter(std::size_t row_bytes, int pixel_bytes, bool quick)
        : row_bytes_(row_bytes), pixel_bytes_(pixel_bytes), quick_(quick), best_(row_bytes + 1),
          tried_(row_bytes + 1) {}

    // `above`: null where the row above is unknown. Palette indexes are no measures: only equal rows are
    // worth a filter.
    const std::vector<std::uint8_t>& spell(const std::uint8_t* row, const std::uint8_t* above) {
        if (above && (quick_ || std::memcmp(row, above, row_bytes_) == 0)) {
            best_[0] = up;
            for (std::size_t at = 0; at < row_bytes_; ++at)
                best_[at + 1] = static_cast<std::uint8_t>(row[at] - above[at]);
            return best_;
        }
        best_[0] = none;
        std::memcpy(best_.data() + 1, row, row_bytes_);
        if (pixel_bytes_ == 1)
            return best_;
        unsigned long least = weigh(best_);
        for (const int filter : {sub, up, average, paeth}) {
            if (!above && filter != sub)
                break;
            apply(filter, row, above);
            if (const unsigned long weight = weigh(tried_); weight < least)
                least = weight, best_.swap(tried_);
        }
        return best_;
    }

  private:
    void apply(int filter, const std::uint8_t* row, const std::uint8_t* above) {
        tried_[0] = static_cast<std::uint8_t>(filter);
        for (std::size_t at = 0; at < row_bytes_; ++at) {
            const std::size_t back = pixel_bytes_;
            const int left = at >= back ? row[at - back] : 0;
            const int corner = at >= back && above ? above[at - back] : 0;
            tried_[at + 1] =
                static_cast<std::uint8_t>(row[at] - predicted(filter, left, above ? above[at] : 0, corner));
        }
    }

    // The smaller the differences, the better they compress: libpng's rule of thumb.
    static unsigned long weigh(const std::vector<std::uint8_t>& spelled) {
        unsigned long sum = 0;
        for (std::size_t at = 1; at < spelled.size(); ++at)
            sum += spelled[at] < 128 ? spelled[at] : 256 - spelled[at];
        return sum;
    }

    std::size_t row_bytes_;
    int pixel_bytes_;
    bool quick_;
    std::vector<std::uint8_t> best_, tried_;
};

std::string head_of(const Picture& picture) {
    std::string header;
    append_number(header, static_cast<std::uint32_t>(picture.width()));
    append_number(header, static_cast<std::uint32_t>(picture.height()));
    header += '\x08';                              // bits of a sample
    header += picture.indexed() ? '\x03' : '\x02'; // palette, or RGB
    header.append(3, '\0');                        // deflate, PNG's filters, not interlaced
    std::string head = "\x89PNG\r\n\x1a\n" + chunk("IHDR", header);
    if (picture.indexed()) {
        std::string palette;
        for (const Colour colour : picture.palette())
            for (const std::uint8_t part : {colour.red, colour.green, colour.blue})
                palette += static_cast<char>(part);
        head += chunk("PLTE", palette);
    }
    return head;
}

} // namespace

BandedPng::BandedPng(const Picture& background, std::vector<RowRange> bands)
    : bands_(std::move(bands)), row_bytes_(background.row_bytes()), pixel_bytes_(background.pixel_bytes()),
      head_(head_of(background)) {
    RowFilter filter(row_bytes_, pixel_bytes_, false);
    int top = 0;
    for (std::size_t index = 0; index <= bands_.size(); ++index) {
        const bool is_last = index == bands_.size();
        const int bottom = is_last ? background.height() : bands_[index].top;
        Deflater deflater(Z_BEST_COMPRESSION, Z_DEFAULT_STRATEGY);
        for (int y = top; y < bottom; ++y)
            deflater.add(filter.spell(background.row(y), y > top ? background.row(y - 1) : nullptr));
        // zlib's own head: 32 KiB window, best compression.
        std::string data =
            (index == 0 ? "\x78\xda" : "") + deflater.finish(is_last ? Z_FINISH : Z_FULL_FLUSH);
        if (is_last) {
            last_ = {std::move(data), deflater.adler(), deflater.length()};
        } else {
            kept_.push_back({chunk("IDAT", data), deflater.adler(), deflater.length()});
            const std::uint8_t* above = background.row(std::max(bottom, 1) - 1);
            above_.push_back(bottom > 0 ? std::vector(above, above + row_bytes_)
                                        : std::vector<std::uint8_t>());
            top = bands_[index].bottom;
        }
    }
}

std::string BandedPng::write(const std::vector<Picture>& changed) const {
    RowFilter filter(row_bytes_, pixel_bytes_, true);
    std::string file = head_;
    unsigned long adler = adler32(0, nullptr, 0);
    for (std::size_t index = 0; index < bands_.size(); ++index) {
        file += kept_[index].chunk;
        adler = adler32_combine(adler, kept_[index].adler, kept_[index].length);
        Deflater deflater(Z_BEST_SPEED, pixel_bytes_ == 1 ? Z_RLE : Z_FILTERED);
        const std::uint8_t* above = above_[index].empty() ? nullptr : above_[index].data();
        for (int y = 0; y < bands_[index].count(); ++y) {
            deflater.add(filter.spell(changed[index].row(y), above));
            above = changed[index].row(y);
        }
        file += chunk("IDAT", deflater.finish(Z_FULL_FLUSH));
        adler = adler32_combine(adler, deflater.adler(), deflater.length());
    }
    std::string end = last_.chunk;
    append_number(end, static_cast<std::uint32_t>(adler32_combine(adler, last_.adler, last_.length)));
    return file + chunk("IDAT", end) + chunk("IEND", "");
}

} // namespace mogiri::daemon
