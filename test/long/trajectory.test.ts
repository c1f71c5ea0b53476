import t from "tap";
import { engines } from "../../src/engines/engines.js";
import { followTrajectories } from "../helpers/trajectory.js";

t.test("three Adam steps of ResNet-18 follow PyTorch's on cpu", async (t) => {
  await engines.cpu.load();
  await followTrajectories(t);
});
