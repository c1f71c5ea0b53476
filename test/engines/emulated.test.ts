// The same with the kernels of a GPU, run on the CPU as a GPU would run them.
process.env.N2UQ_EMULATE_GPU = "1";
await import("../core/quantizers.test.js");
