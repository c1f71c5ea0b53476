import { join } from "node:path";
import { namesIn } from "../../files/names.js";
import { attempt, type Probe } from "../trial.js";
import type { Library } from "./libraries.js";

/** Opens the native module and multiplies two numbers. */
const SCRIPT = `
const b = require(process.argv[1]);
const two = b.createTensor([], b.TF_FLOAT, Float32Array.of(2));
const [{ id }] = b.executeOp("Mul", [{ name: "T", type: b.TF_ATTR_TYPE, value: b.TF_FLOAT }], [two, two], 1);
if (b.tensorDataSync(id)[0] !== 4) throw new Error("2 x 2 is not 4");
console.log("\\n" + JSON.stringify({ version: b.TF_Version, gpu: b.isUsingGpuDevice() }));
`;

/** Tests a library in a separate process, with the environment in which it would be loaded. */
export function probe(
  { folder, binding }: Library,
  environment: Readonly<Record<string, string>>,
): Promise<Probe> {
  const shared = join(folder, "deps", "lib");
  return attempt({
    script: SCRIPT,
    module: binding,
    environment,
    files: [binding, ...namesIn(shared).map((name) => join(shared, name))],
    variables: ["CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"],
  });
}
