// The few functions of libtorch's C++ interface that the Rust binding does not offer.
// Every function returns 0, or 1 after putting a message into `error`.

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/convolution_backward.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <torch/version.h>

#include <array>
#include <cstring>
#include <exception>

namespace {

void report(const char *what, char *error, size_t capacity) {
  std::strncpy(error, what, capacity - 1);
  error[capacity - 1] = '\0';
}

} // namespace

extern "C" {

int retrial_set_deterministic(char *error, size_t capacity) {
  try {
    auto &context = at::globalContext();
    context.setDeterministicAlgorithms(true, /*warn_only=*/false);
    context.setDeterministicFillUninitializedMemory(false);
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
    return 0;
  } catch (const std::exception &exception) {
    report(exception.what(), error, capacity);
    return 1;
  }
}

// cuDNN allows tf32 by default and cuBLAS does not; both are set, so that f32 means f32.
void retrial_allow_tf32(int allow) {
  at::globalContext().setAllowTF32CuBLAS(allow != 0);
  at::globalContext().setAllowTF32CuDNN(allow != 0);
}

// The most bytes that tensors took of this GPU's memory at a time since the last call, or since the start; -1 where nobody
// keeps account of it.
int64_t retrial_take_cuda_peak(int index) {
  try {
    auto *allocator = c10::getDeviceAllocator(c10::DeviceType::CUDA);
    if (!allocator->initialized())
      return -1;
    const auto device = static_cast<c10::DeviceIndex>(index);
    const auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    const int64_t peak = allocator->getDeviceStats(device).allocated_bytes[all].peak;
    allocator->resetPeakStats(device);
    return peak;
  } catch (const std::exception &) {
    return -1;
  }
}

const char *retrial_torch_version() { return TORCH_VERSION; }

// `grad_input` stays null unless it is wanted. Results are new tensors that the caller owns.
int retrial_convolution_backward(const at::Tensor *grad, const at::Tensor *input, const at::Tensor *weight,
                                 int64_t stride, int64_t padding, int64_t dilation, int64_t groups, int wants_input,
                                 at::Tensor **grad_input, at::Tensor **grad_weight, char *error, size_t capacity) {
  try {
    const std::array<int64_t, 2> strides{stride, stride}, paddings{padding, padding},
        dilations{dilation, dilation}, zeros{0, 0};
    auto gradients =
        at::convolution_backward(*grad, *input, *weight, c10::nullopt, strides, paddings, dilations,
                                 /*transposed=*/false, zeros, groups, {wants_input != 0, true, false});
    if (wants_input)
      *grad_input = new at::Tensor(std::get<0>(gradients));
    *grad_weight = new at::Tensor(std::get<1>(gradients));
    return 0;
  } catch (const std::exception &exception) {
    report(exception.what(), error, capacity);
    return 1;
  }
}
}
