import t from "tap";
import { engines } from "../../src/engines/engines.js";
import { followTrajectory } from "../helpers/trajectory.js";

t.test("three Adam steps of ResNet-18 W2A2 follow PyTorch's on cpu", async (t) => {
  await engines.cpu.load();
  await followTrajectory(t, "resnet18-2bit-downsample_quantized");
});
