import t from "tap";
import { engines } from "../../src/engines/engines.js";
import { followTrajectory } from "../helpers/trajectory.js";

t.test("three Adam steps of ResNet-18 W4A4 follow PyTorch's on cpu", async (t) => {
  await engines.cpu.load();
  await followTrajectory(t, "resnet18-4bit-downsample_real");
});
