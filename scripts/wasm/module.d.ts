export function withLargestMemory(module: Buffer): Buffer;
export function faultsOf(module: Buffer): string[];
