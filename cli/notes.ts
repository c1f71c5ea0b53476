import { relative } from "node:path";
import type { ResolvedFile } from "../runners/resolve.js";
import { isProvisional } from "../src/resolve/hash.js";

/** Notes for the user about how an experiment was read: values without effect, and missing inputs. */
export function notesOf({ references, resolved, notes, loaded }: ResolvedFile): string[] {
  const texts = [...references, { notes, loaded }].flatMap((one) =>
    one.notes.map(({ text }) => `note: ${relative(process.cwd(), one.loaded.file)}: ${text}`),
  );
  const unseen = isProvisional(resolved)
    ? [
        "note: its data or weights can't be read on this machine: n2uq can't check whether it ran before, and its hash will differ",
      ]
    : [];
  return [...new Set(texts), ...unseen];
}
