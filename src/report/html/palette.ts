/**
 * The colours of the page, for light and dark. Charts are drawn with the light ones, which are then replaced by the
 * names, so that the reader's setting decides.
 */
const palette = {
  paper: { light: "#fefefe", dark: "#15181d" },
  card: { light: "#f6f7f9", dark: "#1d2128" },
  ink: { light: "#1c2330", dark: "#e9ecf1" },
  muted: { light: "#566072", dark: "#a7b0bf" },
  line: { light: "#d5d9e0", dark: "#3a414d" },
  /** What was learned, validation, weights. */
  main: { light: "#1f6fd0", dark: "#6aaaf7" },
  /** Training, activations. */
  second: { light: "#c2570c", dark: "#f0985a" },
  /** Behind other marks: the start, a maximum. */
  faint: { light: "#a9b1be", dark: "#69727f" },
} as const satisfies Record<string, { light: string; dark: string }>;

export type ColorName = keyof typeof palette;

/** The colour with which a chart is drawn. */
export const color = Object.fromEntries(
  Object.entries(palette).map(([name, { light }]) => [name, light]),
) as Record<ColorName, string>;

/** CSS custom properties of one of the two settings. */
export function properties(setting: "light" | "dark"): string {
  return Object.entries(palette)
    .map(([name, colors]) => `--${name}:${colors[setting]}`)
    .join(";");
}

/** Puts the properties' names in place of the light colours. */
export function withProperties(svg: string): string {
  return Object.entries(palette).reduce(
    (text, [name, { light }]) => text.replaceAll(`"${light}"`, `"var(--${name})"`),
    svg,
  );
}
