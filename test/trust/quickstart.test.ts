import t from "tap";
import { n2uq, root } from "../helpers/cli.js";

t.test("first: the sweep that the project is known by names its experiment itself", async (t) => {
  const repository = process.env.N2UQ_TEST_ROOT ?? root;
  const { code, stdout, stderr } = await n2uq(
    ["sweep", "--grid", "bits=2,3,4", "--dry-run", "--json"],
    repository,
  );
  t.equal(code, 0, stderr);
  t.equal(JSON.parse(stdout || "{}").cells?.length, 4, "three cells and their teacher");
});
