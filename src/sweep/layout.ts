import { toLocation } from "../config/faults.js";
import { childOf, entriesOf, itemsOf, type Tree, toValue } from "../config/tree.js";
import { N2uqErrors } from "../errors.js";
import { layoutFaults } from "./layoutFaults.js";
import type { Layout, LayoutNote, Written } from "./layoutTypes.js";
import { exclusionOf } from "./read.js";

/**
 * Reads a `table` section that is valid by the schema. `where` is the file's name in errors; paths are
 * relative to `folder`. @throws N2uqError or N2uqErrors N2UQ_TABLE_TWICE, _UNKNOWN_COLUMN, _UNKNOWN_NOTE,
 * _UNUSED_NOTE, N2UQ_CONFIG_UNKNOWN_KEY
 */
export function layoutOf(table: Tree, where: string, folder: string): Layout {
  const condition = (owner: Tree) => {
    const entry = childOf(owner, "where");
    return entry === undefined ? undefined : exclusionOf(entry, where, folder);
  };
  const layout: Layout = {
    title: textOf(childOf(table, "title")),
    metric: textOf(childOf(table, "metric")) === "top5" ? "top5" : "top1",
    columns: itemsOf(childOf(table, "columns")).flatMap((column) => {
      const own = condition(column);
      return own === undefined ? [] : [{ label: writtenAt(childOf(column, "label")), where: own }];
    }),
    rows: itemsOf(childOf(table, "rows")).map((row) => ({
      group: childOf(row, "group") === undefined ? null : textOf(childOf(row, "group")),
      label: writtenAt(childOf(row, "label")),
      where: condition(row),
      references: entriesOf(childOf(row, "references")).map(([key, value]) => ({
        column: keyWritten(key, value),
        value: Number(toValue(value)),
      })),
      source: childOf(row, "source") === undefined ? undefined : writtenAt(childOf(row, "source")),
      footnotes: itemsOf(childOf(row, "footnotes")).map(writtenAt),
    })),
    footnotes: notesOf(childOf(table, "footnotes")),
    sources: notesOf(childOf(table, "sources")),
  };
  const faults = layoutFaults(layout);
  if (faults.length > 0) throw new N2uqErrors(faults);
  return layout;
}

function notesOf(notes: Tree | undefined): LayoutNote[] {
  return entriesOf(notes).map(([key, note]) => ({ key: keyWritten(key, note), text: textOf(note) }));
}

function keyWritten(key: string, value: Tree): Written {
  return { text: key, location: toLocation(value.origin, true) };
}

function writtenAt(tree: Tree | undefined): Written {
  return { text: textOf(tree), location: tree === undefined ? undefined : toLocation(tree.origin) };
}

function textOf(tree: Tree | undefined): string {
  return tree === undefined ? "" : String(toValue(tree));
}
