/**
 * The page's colors for light and dark. Charts are drawn with the light colors, which are then replaced by
 * CSS properties, so that the light or dark setting of the reader's browser applies.
 */
const palette = {
  paper: { light: "#fefefe", dark: "#15181d" },
  card: { light: "#f6f7f9", dark: "#1d2128" },
  ink: { light: "#1c2330", dark: "#e9ecf1" },
  muted: { light: "#566072", dark: "#a7b0bf" },
  line: { light: "#d5d9e0", dark: "#3a414d" },
  /** For final values, validation and weights. */
  main: { light: "#1f6fd0", dark: "#6aaaf7" },
  /** Training, activations. */
  second: { light: "#c2570c", dark: "#f0985a" },
  /** Background marks: initial values, maxima. */
  faint: { light: "#a9b1be", dark: "#69727f" },
} as const satisfies Record<string, { light: string; dark: string }>;

export type ColorName = keyof typeof palette;

/** Colors for drawing a chart. */
export const color = Object.fromEntries(
  Object.entries(palette).map(([name, { light }]) => [name, light]),
) as Record<ColorName, string>;

/** CSS custom properties of one setting. */
export function properties(setting: "light" | "dark"): string {
  return Object.entries(palette)
    .map(([name, colors]) => `--${name}:${colors[setting]}`)
    .join(";");
}

/** Replaces the light colors by CSS properties. */
export function withProperties(svg: string): string {
  return Object.entries(palette).reduce(
    (text, [name, { light }]) => text.replaceAll(`"${light}"`, `"var(--${name})"`),
    svg,
  );
}
