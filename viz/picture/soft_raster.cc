#include "viz/picture/soft_raster.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace shardpipe::viz {
namespace {

struct Texture {
  const std::uint8_t* alpha = nullptr;
  int width = 0, height = 0;

  // Share of opacity at (u, v): bilinear, the edge goes on beyond it.
  float at(float u, float v) const {
    const float x = u * static_cast<float>(width) - 0.5F, y = v * static_cast<float>(height) - 0.5F;
    const float x0 = std::floor(x), y0 = std::floor(y);
    const float fx = x - x0, fy = y - y0;
    const int column = static_cast<int>(x0), row = static_cast<int>(y0);
    const float top = texel(column, row) * (1 - fx) + texel(column + 1, row) * fx;
    const float bottom = texel(column, row + 1) * (1 - fx) + texel(column + 1, row + 1) * fx;
    return (top * (1 - fy) + bottom * fy) / 255;
  }

 private:
  float texel(int column, int row) const {
    column = std::clamp(column, 0, width - 1);
    row = std::clamp(row, 0, height - 1);
    return alpha[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                 static_cast<std::size_t>(column)];
  }
};

struct Pixels {  // half open
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};

float channel(ImU32 colour, int shift) { return static_cast<float>((colour >> shift) & 255U); }

bool is_same(const ImVec2& a, const ImVec2& b) { return a.x == b.x && a.y == b.y; }

// The first pixel whose centre is not left of x.
int first_pixel(float x) { return static_cast<int>(std::ceil(x - 0.5F)); }

class Painter {
 public:
  Painter(Image& image, const Texture& texture) : image_(image), texture_(texture) {}

  void set_clip(const Pixels& clip) { clip_ = clip; }

  // Two triangles that are a rectangle of one colour, as ImGui makes them: corners a, b, c, d in
  // turn. False if these are not.
  bool rectangle(const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c,
                 const ImDrawVert& d) {
    const bool is_upright = a.pos.y == b.pos.y && b.pos.x == c.pos.x && c.pos.y == d.pos.y &&
                            d.pos.x == a.pos.x && a.pos.x <= c.pos.x && a.pos.y <= c.pos.y;
    if (!is_upright || a.col != b.col || a.col != c.col || a.col != d.col) return false;
    const int x0 = std::max(clip_.x0, first_pixel(a.pos.x)),
              x1 = std::min(clip_.x1, first_pixel(c.pos.x));
    const int y0 = std::max(clip_.y0, first_pixel(a.pos.y)),
              y1 = std::min(clip_.y1, first_pixel(c.pos.y));
    const bool is_plain = is_same(a.uv, b.uv) && is_same(a.uv, c.uv);
    const float plain = is_plain ? texture_.at(a.uv.x, a.uv.y) : 0;
    const float width = c.pos.x - a.pos.x, height = c.pos.y - a.pos.y;
    for (int y = y0; y < y1; ++y) {
      const float v =
          a.uv.y + (c.uv.y - a.uv.y) * (static_cast<float>(y) + 0.5F - a.pos.y) / height;
      for (int x = x0; x < x1; ++x) {
        const float u =
            a.uv.x + (c.uv.x - a.uv.x) * (static_cast<float>(x) + 0.5F - a.pos.x) / width;
        blend(x, y, a.col, is_plain ? plain : texture_.at(u, v));
      }
    }
    return true;
  }

  void triangle(const ImDrawVert& a, ImDrawVert b, ImDrawVert c) {
    float area = edge(a.pos, b.pos, c.pos.x, c.pos.y);
    if (area == 0) return;
    if (area < 0) {
      std::swap(b, c);
      area = -area;
    }
    const auto [left, right] = std::minmax({a.pos.x, b.pos.x, c.pos.x});
    const auto [top, bottom] = std::minmax({a.pos.y, b.pos.y, c.pos.y});
    const Pixels box = {std::max(clip_.x0, first_pixel(left)), std::max(clip_.y0, first_pixel(top)),
                        std::min(clip_.x1, first_pixel(right) + 1),
                        std::min(clip_.y1, first_pixel(bottom) + 1)};
    for (int y = box.y0; y < box.y1; ++y)
      for (int x = box.x0; x < box.x1; ++x) {
        const float px = static_cast<float>(x) + 0.5F, py = static_cast<float>(y) + 0.5F;
        const float wa = edge(b.pos, c.pos, px, py), wb = edge(c.pos, a.pos, px, py);
        const float wc = edge(a.pos, b.pos, px, py);
        if (is_in(wa, b.pos, c.pos) && is_in(wb, c.pos, a.pos) && is_in(wc, a.pos, b.pos))
          mix(x, y, a, b, c, wa / area, wb / area, wc / area);
      }
  }

 private:
  // Twice the area of (p, q, point): positive on the inner side.
  static float edge(const ImVec2& p, const ImVec2& q, float x, float y) {
    return (q.x - p.x) * (y - p.y) - (q.y - p.y) * (x - p.x);
  }

  // A centre exactly on an edge belongs to the triangle right of or below the edge.
  static bool is_in(float weight, const ImVec2& p, const ImVec2& q) {
    const bool is_top_left = (p.y == q.y && q.x > p.x) || q.y < p.y;
    return weight > 0 || (weight == 0 && is_top_left);
  }

  void mix(int x, int y, const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c, float wa,
           float wb, float wc) {
    ImU32 colour = a.col;
    if (a.col != b.col || a.col != c.col) {
      colour = 0;
      for (int shift = 0; shift < 32; shift += 8) {
        const float value =
            wa * channel(a.col, shift) + wb * channel(b.col, shift) + wc * channel(c.col, shift);
        colour |= static_cast<ImU32>(std::clamp(value + 0.5F, 0.0F, 255.0F)) << shift;
      }
    }
    blend(x, y, colour,
          texture_.at(wa * a.uv.x + wb * b.uv.x + wc * c.uv.x,
                      wa * a.uv.y + wb * b.uv.y + wc * c.uv.y));
  }

  void blend(int x, int y, ImU32 colour, float opacity) {
    const float share = opacity * channel(colour, IM_COL32_A_SHIFT) / 255;
    if (share <= 0) return;
    std::uint8_t* pixel = &image_.rgb[image_.offset(x, y)];
    const int shifts[] = {IM_COL32_R_SHIFT, IM_COL32_G_SHIFT, IM_COL32_B_SHIFT};
    for (int i = 0; i < 3; ++i)
      pixel[i] = static_cast<std::uint8_t>(channel(colour, shifts[i]) * share +
                                           static_cast<float>(pixel[i]) * (1 - share) + 0.5F);
  }

  Image& image_;
  const Texture& texture_;
  Pixels clip_;
};

void render_list(const ImDrawList& list, const ImDrawData& data, const Image& image,
                 Painter& painter) {
  for (const ImDrawCmd& command : list.CmdBuffer) {
    if (command.UserCallback != nullptr) continue;
    const ImVec4& clip = command.ClipRect;
    painter.set_clip({std::max(0, static_cast<int>(clip.x - data.DisplayPos.x)),
                      std::max(0, static_cast<int>(clip.y - data.DisplayPos.y)),
                      std::min(image.width, static_cast<int>(clip.z - data.DisplayPos.x)),
                      std::min(image.height, static_cast<int>(clip.w - data.DisplayPos.y))});
    const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset;
    const ImDrawVert* vertices = list.VtxBuffer.Data + command.VtxOffset;
    for (unsigned i = 0; i + 2 < command.ElemCount; i += 3) {
      const ImDrawVert &a = vertices[index[i]], &b = vertices[index[i + 1]],
                       &c = vertices[index[i + 2]];
      const bool shares_side =
          i + 5 < command.ElemCount && index[i + 3] == index[i] && index[i + 4] == index[i + 2];
      if (shares_side && painter.rectangle(a, b, c, vertices[index[i + 5]]))
        i += 3;
      else
        painter.triangle(a, b, c);
    }
  }
}

}  // namespace

SoftwareRaster::SoftwareRaster(ImFontAtlas& atlas) {
  unsigned char* alpha = nullptr;
  atlas.GetTexDataAsAlpha8(&alpha, &atlas_width_, &atlas_height_);
  atlas_.assign(alpha, alpha + static_cast<std::size_t>(atlas_width_) *
                                   static_cast<std::size_t>(atlas_height_));
}

Image SoftwareRaster::render(const ImDrawData& data, Colour background) const {
  Image image{static_cast<int>(data.DisplaySize.x), static_cast<int>(data.DisplaySize.y), {}};
  image.rgb.resize(image.offset(0, image.height));
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
    image.rgb[i] = background.r;
    image.rgb[i + 1] = background.g;
    image.rgb[i + 2] = background.b;
  }
  const Texture texture{atlas_.data(), atlas_width_, atlas_height_};
  Painter painter(image, texture);
  for (int i = 0; i < data.CmdListsCount; ++i) render_list(*data.CmdLists[i], data, image, painter);
  return image;
}

}  // namespace shardpipe::viz
