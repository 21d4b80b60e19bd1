// An image of RAM or of a disk as bytes, and back: runs of pages that are zero, of pages that are filled with one byte behind
// a first word (as a free page of a kernel is: junk, and the address of the next one), and of others.
#pragma once

#include "base/bytes.hpp"
#include "memory/ram_image.hpp"

namespace hartlab {

void write_image(ByteWriter& bytes, const RamImage& image);
/// Throws BadBytes unless it is an image of `page_count` pages, and std::bad_alloc.
RamImage read_image(ByteReader& bytes, std::uint64_t page_count);

}  // namespace hartlab
