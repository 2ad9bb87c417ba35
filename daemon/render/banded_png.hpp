// PNG files of pictures that differ from one another only in some fields.
//
// Rows that never differ are compressed once, with zlib, into finished IDAT chunks. Of the others, the live
// rows, what stands beside the fields is spelled once too, as bits of one Huffman code that is made for the
// layout; only the fields' own pixels are spelled for each ticket. Each chunk ends on a byte and looks back
// on nothing before it, so together they are one zlib stream; its checksum is combined from theirs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bit_string.hpp"
#include "checksum.hpp"
#include "picture.hpp"
#include "row_code.hpp"
#include "row_filter.hpp"

namespace mogiri::daemon {

// A box of which some rows differ, each from the row above it, in another way for each ticket. Between its
// first and its last live row, what is not live equals the row above.
struct Field {
    Rectangle box;
    std::vector<int> rows; // of the picture, ascending
};

// Columns of the picture, from `left`, before `right`.
struct Columns {
    int left = 0, right = 0;
    bool empty() const { return left >= right; }
};

// What one ticket has in a field. Its last row of all is as in the background.
class Drawing {
  public:
    virtual ~Drawing() = default;

    // Where this row, or the one above it, is not as in the background.
    virtual Columns changed(int y) const = 0;
    // The differences of these columns from the row above, pixel after pixel. Asked for from the top.
    virtual void differences(int y, Columns columns, std::uint8_t* out) = 0;
};

// What a ticket has, field by field.
using Drawings = std::vector<std::unique_ptr<Drawing>>;

// Immutable once made; any number of threads may write with one.
class BandedPng {
  public:
    // The fields are inside the picture and do not overlap. `samples`: tickets like those to come.
    BandedPng(const Picture& background, std::vector<Field> fields, const std::vector<Drawings>& samples);

    // Into `file`, whose room is used again.
    void write(const Drawings& ticket, std::string& file) const;

  private:
    // Some columns of a row as they are in the background.
    struct Spelled {
        BitString bits;
        Checksum sum;
    };
    struct Slot {
        std::size_t field;
        std::vector<Spelled> cells; // of cell_width columns, the last one of what remains
        Spelled after;              // up to the next slot
    };
    struct LiveRow {
        int y;
        Spelled whole;  // when no field is changed
        Spelled before; // with the filter byte
        std::vector<Slot> slots;
    };
    struct Part {
        std::string chunk; // finished, of rows that are the same; or nothing,
        Checksum sum;
        std::vector<LiveRow> live; // and these
    };

    static constexpr int cell_width = 128;

    std::vector<std::vector<std::size_t>> fields_by_row(int height) const;
    Spelled spelled(std::span<const std::uint8_t> data) const;
    LiveRow live_row(RowFilter& filter, const Picture& background, int y,
                     const std::vector<std::size_t>& fields) const;
    std::string deflated(RowFilter& filter, const Picture& background, int top, int bottom, int flush,
                         Checksum& sum) const;
    bool is_between_live_rows(int y) const;
    std::size_t expected_size() const;
    void write_live(const Part& part, const Drawings& ticket, std::string& file, Checksum& sum) const;

    std::vector<Field> fields_;
    std::size_t row_bytes_, pixel_bytes_;
    std::unique_ptr<const RowCode> code_;
    std::string head_; // signature, IHDR, PLTE
    std::vector<Part> parts_;
    std::string last_; // of the stream: data only, as the checksum follows it
    Checksum last_sum_;
};

} // namespace mogiri::daemon
