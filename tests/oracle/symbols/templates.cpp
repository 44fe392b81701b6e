// Containers of the standard library, inlined into each other, for the comparison with binutils.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shapes {

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
};

template <int Sides> struct Polygon : Shape {
  explicit Polygon(double side) : sides(Sides, side) {}
  double area() const override {
    double sum = 0;
    std::for_each(sides.begin(), sides.end(), [&sum](double side) { sum += side * side; });
    return sum;
  }
  std::vector<double> sides;
};

namespace {
std::map<std::string, std::shared_ptr<Shape>> known;
}

template <int Sides> std::shared_ptr<Shape> remember(const std::string &name, double side) {
  auto &place = known[name + "/" + std::to_string(Sides)];
  if (!place)
    place = std::make_shared<Polygon<Sides>>(side);
  return place;
}

} // namespace shapes

double measure(const std::vector<std::string> &names) {
  double sum = 0;
  std::vector<std::shared_ptr<shapes::Shape>> found;
  for (const auto &name : names) {
    found.push_back(shapes::remember<3>(name, 1.5));
    found.push_back(shapes::remember<4>(name, 2.5));
  }
  std::sort(found.begin(), found.end(),
            [](const auto &one, const auto &two) { return one->area() < two->area(); });
  std::function<void(double)> add = [&sum](double area) { sum += area; };
  for (const auto &shape : found)
    add(shape->area());
  return sum;
}
