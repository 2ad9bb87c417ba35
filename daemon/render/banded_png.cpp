#include "banded_png.hpp"

#include <algorithm>
#include <array>
#include <new>

#include <zlib.h>

#include "png_chunk.hpp"

namespace mogiri::daemon {

namespace {

constexpr const char* zlib_head = "\x78\xda"; // 32 KiB window, best compression

// A piece of a raw deflate stream that looks back on nothing before it.
class Deflater {
  public:
    explicit Deflater(int level) {
        if (deflateInit2(&stream_, level, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    ~Deflater() { deflateEnd(&stream_); }

    void add(const std::vector<std::uint8_t>& row) {
        sum_.append(Checksum::of(row.data(), row.size()));
        stream_.next_in = const_cast<Bytef*>(row.data());
        stream_.avail_in = static_cast<uInt>(row.size());
        run(Z_NO_FLUSH);
    }

    std::string finish(int flush) {
        run(flush);
        return std::move(out_);
    }

    const Checksum& sum() const { return sum_; }

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
    Checksum sum_;
};

// The row above, and zeros above the picture.
class RowsAbove {
  public:
    explicit RowsAbove(const Picture& picture) : picture_(picture), zeros_(picture.row_bytes()) {}
    const std::uint8_t* of(int y) const { return y == 0 ? zeros_.data() : picture_.row(y - 1); }

  private:
    const Picture& picture_;
    std::vector<std::uint8_t> zeros_;
};

// How many cells it takes to reach so far.
std::size_t cells_of(int width, int cell_width) {
    return static_cast<std::size_t>((width + cell_width - 1) / cell_width);
}

} // namespace

BandedPng::BandedPng(const Picture& background, std::vector<Field> fields,
                     const std::vector<Drawings>& samples)
    : fields_(std::move(fields)), row_bytes_(background.row_bytes()),
      pixel_bytes_(static_cast<std::size_t>(background.pixel_bytes())), head_(png_head(background)) {
    RowFilter filter(row_bytes_, background.pixel_bytes());
    const RowsAbove above(background);
    const std::vector<std::vector<std::size_t>> live = fields_by_row(background.height());
    const auto is_live = [&](int y) { return !live[static_cast<std::size_t>(y)].empty(); };

    SymbolCount count;
    for (const Drawings& sample : samples)
        for (int y = 0; y < background.height(); ++y) {
            if (!is_live(y))
                continue;
            std::vector<std::uint8_t> row = filter.in(up, background.row(y), above.of(y));
            for (const std::size_t field : live[static_cast<std::size_t>(y)])
                if (const Columns changed = sample[field]->changed(y); !changed.empty())
                    sample[field]->differences(
                        y, changed, row.data() + 1 + static_cast<std::size_t>(changed.left) * pixel_bytes_);
            spell(row, pixel_bytes_, count);
        }
    code_ = std::make_unique<const RowCode>(count, background.pixel_bytes());

    for (int y = 0, top = 0; y <= background.height(); ++y) {
        if (y == background.height()) {
            last_ = parts_.empty() ? zlib_head : "";
            last_ += deflated(filter, background, top, y, Z_FINISH, last_sum_);
        } else if (is_live(y)) {
            Part part;
            std::string data = parts_.empty() ? zlib_head : "";
            if (y > top)
                data += deflated(filter, background, top, y, Z_FULL_FLUSH, part.sum);
            if (!data.empty())
                append_chunk(part.chunk, "IDAT", data);
            for (; y < background.height() && is_live(y); ++y)
                part.live.push_back(live_row(filter, background, y, live[static_cast<std::size_t>(y)]));
            parts_.push_back(std::move(part));
            top = y--;
        }
    }
}

// For each row the fields that live in it, from the left.
std::vector<std::vector<std::size_t>> BandedPng::fields_by_row(int height) const {
    std::vector<std::vector<std::size_t>> live(static_cast<std::size_t>(height));
    for (std::size_t field = 0; field < fields_.size(); ++field)
        for (const int y : fields_[field].rows)
            live[static_cast<std::size_t>(y)].push_back(field);
    for (auto& row : live)
        std::ranges::sort(row, {}, [&](std::size_t field) { return fields_[field].box.x; });
    return live;
}

// Only the differences from the row above are the same in every ticket there.
bool BandedPng::is_between_live_rows(int y) const {
    return std::ranges::any_of(fields_, [&](const Field& field) {
        return !field.rows.empty() && field.rows.front() < y && y <= field.rows.back();
    });
}

std::string BandedPng::deflated(RowFilter& filter, const Picture& background, int top, int bottom, int flush,
                                Checksum& sum) const {
    const RowsAbove above(background);
    // A photograph gains nothing from a longer search.
    Deflater deflater(background.indexed() ? Z_BEST_COMPRESSION : 6);
    for (int y = top; y < bottom; ++y)
        deflater.add(is_between_live_rows(y) ? filter.in(up, background.row(y), above.of(y))
                                             : filter.best(background.row(y), above.of(y)));
    std::string data = deflater.finish(flush);
    sum = deflater.sum();
    return data;
}

BandedPng::Spelled BandedPng::spelled(std::span<const std::uint8_t> data) const {
    Spelled result;
    CodedOutput<BitString> output{*code_, result.bits};
    spell(data, pixel_bytes_, output);
    result.sum = Checksum::of(data.data(), data.size());
    return result;
}

BandedPng::LiveRow BandedPng::live_row(RowFilter& filter, const Picture& background, int y,
                                       const std::vector<std::size_t>& fields) const {
    const std::vector<std::uint8_t>& row = filter.in(up, background.row(y), RowsAbove(background).of(y));
    const auto columns = [&](int left, int right) {
        return std::span(row).subspan(1 + static_cast<std::size_t>(left) * pixel_bytes_,
                                      static_cast<std::size_t>(right - left) * pixel_bytes_);
    };
    LiveRow live{y, spelled(row), {}, {}};
    const int first = fields_[fields.front()].box.x;
    live.before = spelled(std::span(row).first(1 + static_cast<std::size_t>(first) * pixel_bytes_));
    for (std::size_t index = 0; index < fields.size(); ++index) {
        const Rectangle& box = fields_[fields[index]].box;
        Slot slot{fields[index], {}, {}};
        for (int left = box.x; left < box.right(); left += cell_width)
            slot.cells.push_back(spelled(columns(left, std::min(left + cell_width, box.right()))));
        const int next = index + 1 < fields.size() ? fields_[fields[index + 1]].box.x : background.width();
        slot.after = spelled(columns(box.right(), next));
        live.slots.push_back(std::move(slot));
    }
    return live;
}

void BandedPng::write_live(const Part& part, const Drawings& ticket, std::string& file, Checksum& sum) const {
    // A code has at most 15 bits, a match's fewer for each of its bytes.
    thread_local std::vector<std::uint8_t> room, differences;
    room.resize(std::max(room.size(), part.live.size() * (row_bytes_ + 1) * 2 + 1024));
    differences.resize(std::max(differences.size(), row_bytes_));
    BitWriter writer(room.data());
    const auto put = [&](const Spelled& spelled) {
        writer.put(spelled.bits);
        sum.append(spelled.sum);
    };
    writer.put(code_->head());
    std::vector<Columns> changed;
    for (const LiveRow& row : part.live) {
        changed.clear();
        bool any = false;
        for (const Slot& slot : row.slots) {
            changed.push_back(ticket[slot.field]->changed(row.y));
            any = any || !changed.back().empty();
        }
        if (!any) {
            put(row.whole);
            continue;
        }
        put(row.before);
        for (std::size_t index = 0; index < row.slots.size(); ++index) {
            const Slot& slot = row.slots[index];
            const Rectangle& box = fields_[slot.field].box;
            std::size_t cell = 0;
            if (const Columns columns = changed[index]; !columns.empty()) {
                const auto first = static_cast<std::size_t>((columns.left - box.x) / cell_width);
                for (; cell < first; ++cell)
                    put(slot.cells[cell]);
                cell = cells_of(columns.right - box.x, cell_width);
                const Columns wide{box.x + static_cast<int>(first) * cell_width,
                                   std::min(box.x + static_cast<int>(cell) * cell_width, box.right())};
                const std::span told(differences.data(),
                                     static_cast<std::size_t>(wide.right - wide.left) * pixel_bytes_);
                ticket[slot.field]->differences(row.y, wide, told.data());
                CodedOutput<BitWriter> output{*code_, writer};
                spell(told, pixel_bytes_, output);
                sum.append(Checksum::of(told.data(), told.size()));
            }
            for (; cell < slot.cells.size(); ++cell)
                put(slot.cells[cell]);
            put(slot.after);
        }
    }
    writer.put(code_->end());
    writer.put({0, 3}); // an empty stored block: its head, zeros to the next byte, and its length
    std::uint8_t* end = writer.align();
    for (const std::uint8_t byte : {0x00, 0x00, 0xff, 0xff})
        *end++ = byte;
    append_chunk(file, "IDAT",
                 {reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(end - room.data())});
}

// Grown piece by piece, a large file would be copied over and over.
std::size_t BandedPng::expected_size() const {
    std::size_t size = head_.size() + last_.size() + 64;
    for (const Part& part : parts_)
        size += part.chunk.size() + part.live.size() * row_bytes_ + 64;
    return size;
}

void BandedPng::write(const Drawings& ticket, std::string& file) const {
    file.clear();
    file.reserve(expected_size());
    file += head_;
    Checksum sum;
    for (const Part& part : parts_) {
        file += part.chunk;
        sum.append(part.sum);
        write_live(part, ticket, file, sum);
    }
    thread_local std::string end;
    end = last_;
    Checksum all = sum;
    all.append(last_sum_);
    append_number(end, all.stream());
    append_chunk(file, "IDAT", end);
    append_chunk(file, "IEND", "");
}

} // namespace mogiri::daemon
