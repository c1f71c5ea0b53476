// npm run docs:errors: writes docs/errors.md from the table of src/errors.ts. test/errors.test.ts checks that it is current.
import { writeFileSync } from "node:fs";
import { errorTable } from "../src/errors.ts";
import { errorPage } from "./errors/page.js";

writeFileSync(new URL("../docs/errors.md", import.meta.url), errorPage(errorTable));
