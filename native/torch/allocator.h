#pragma once

namespace n2uq {

/**
 * Installs an allocator that keeps the memory of freed tensors for the next tensor of the same size, for all
 * threads. The C library would return large allocations to the system, and mapping them again page by page
 * takes longer than most kernels.
 */
void useCachingAllocator();

}  // namespace n2uq
