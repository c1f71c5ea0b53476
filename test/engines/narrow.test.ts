// The same where the processor has no AVX-512: libtorch's own variable, read when the first quantizer runs.
process.env.ATEN_CPU_CAPABILITY = "default";
await import("../core/quantizers.test.js");
