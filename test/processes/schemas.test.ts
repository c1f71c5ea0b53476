import { execFileSync } from "node:child_process";
import { join } from "node:path";
import t from "tap";
import { root } from "../helpers/root.js";

t.test("the types and modules are what the schemas generate", async (t) => {
  t.doesNotThrow(() => execFileSync(process.execPath, [join(root, "schemas", "generate.mjs"), "--check"]));
});
