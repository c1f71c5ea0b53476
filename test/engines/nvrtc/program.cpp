// Loads a CUDA source as the addon does: program KERNELS.
#include <fstream>
#include <iostream>
#include <sstream>

#include "../../../native/torch/gpu/launch.cpp"

namespace n2uq {
c10::Device device() { return c10::Device(c10::DeviceType::CPU); }
void runEmulated(const char*, Grid, void**, const std::vector<Written>&) {}
}  // namespace n2uq

int main(int, char** arguments) {
  std::stringstream source;
  source << std::ifstream(arguments[1]).rdbuf();
  try {
    n2uq::loadCuda(source.str(), 0);
  } catch (const std::exception& error) {
    std::cout << error.what() << std::endl;
    return 1;
  }
}
