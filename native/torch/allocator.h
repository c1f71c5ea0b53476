#pragma once

namespace n2uq {

/**
 * Keeps freed memory of tensors for the next tensor of that size, in the whole process. The C library gives each large piece
 * back to the system, and fetching it anew page by page costs more than most kernels.
 */
void useCachingAllocator();

}  // namespace n2uq
