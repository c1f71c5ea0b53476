#pragma once

namespace n2uq {

/**
 * Keeps freed memory of tensors for the next tensor of the same size, in all threads. The C library would return large
 * allocations to the system, and mapping them again page by page costs more than most kernels.
 */
void useCachingAllocator();

}  // namespace n2uq
