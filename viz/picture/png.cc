// Through libpng's simplified interface (png.h, "Simplified API").
#include <png.h>

#include "core/base/error.h"
#include "viz/picture/image.h"

namespace shardpipe::viz {

void write_png(const Image& image, OutputFile& out) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = PNG_FORMAT_RGB;
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(png), '\0');
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.rgb.data(), 0, nullptr) == 0)
    usage_error(text(out.name(), ": cannot be written: ", png.message));
  out.write({bytes.data(), size});
  out.commit();
}

void write_png(const Image& image, const std::string& file) {
  OutputFile out(file);
  write_png(image, out);
}

Image read_png(const std::string& file) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  // no InputFile: a picture of a test
  if (png_image_begin_read_from_file(&png, file.c_str()) == 0)
    usage_error(text(file, ": cannot be read: ", png.message));
  png.format = PNG_FORMAT_RGB;
  Image image{static_cast<int>(png.width), static_cast<int>(png.height), {}};
  image.rgb.resize(PNG_IMAGE_SIZE(png));
  if (png_image_finish_read(&png, nullptr, image.rgb.data(), 0, nullptr) == 0)
    usage_error(text(file, ": cannot be read: ", png.message));
  return image;
}

}  // namespace shardpipe::viz
