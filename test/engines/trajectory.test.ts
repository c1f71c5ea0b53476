import t from "tap";
import { engines } from "../../src/engines/engines.js";
import { followTrajectory } from "../helpers/trajectory.js";

t.test("three Adam steps of ResNet-18 follow PyTorch's on wasm", async (t) => {
  await engines.wasm.load();
  await followTrajectory(t, "resnet18-2bit-downsample_quantized");
  await followTrajectory(t, "resnet18-4bit-downsample_real");
});
